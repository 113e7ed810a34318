# The package, the programs, and who runs them.

$Programs = Join-Path $env:ProgramFiles 'Latchkey'
$Data = Join-Path $env:ProgramData 'Latchkey'
$Settings = Join-Path $Data 'agent.d\50-installer.toml'
$Policy = 'HKLM:\SOFTWARE\Policies\Latchkey'
$Latchkey = Join-Path $Programs 'latchkey.exe'
$Agent = Join-Path $Programs 'latchkeyd.exe'
$Shell = Join-Path $env:SystemRoot 'System32\cmd.exe'
# Without a blank, so that no command line needs quotes for it.
$Room = Join-Path ($env:SystemDrive + '\') ('latchkey-verify-' + [guid]::NewGuid().ToString('N').Substring(0, 8))
$VisitorName = 'latchkey-visitor'
$ServiceSid = 'S-1-5-80-1927291340-3315084382-1610954537-1053208541-2792860870'
$Trusted = 'S-1-5-18', 'S-1-5-32-544', 'S-1-3-0', 'S-1-3-4', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464', $ServiceSid

Add-Type -Namespace LatchkeyVerify -Name Native -MemberDefinition @'
[DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
static extern Microsoft.Win32.SafeHandles.SafeFileHandle CreateFileW(string name, uint access, uint share, IntPtr attributes, uint how, uint flags, IntPtr template);
// 0, or Windows' number of what went wrong.
public static int Open(string name, uint access)
{
    using (var handle = CreateFileW(name, access, 0, IntPtr.Zero, 3, 0, IntPtr.Zero))
    {
        return handle.IsInvalid ? Marshal.GetLastWin32Error() : 0;
    }
}
[DllImport("powrprof.dll", SetLastError = true)]
public static extern bool SetSuspendState(bool hibernate, bool force, bool wakeUpEventsOff);
'@

# --- The package -------------------------------------------------------------------------------------------------------

# Held open, the database would keep the package from being installed or removed.
function Get-MsiProperties([string]$File) {
    $found = @{}
    $installer = New-Object -ComObject WindowsInstaller.Installer
    $database = $null
    $view = $null
    try {
        $database = $installer.GetType().InvokeMember('OpenDatabase', 'InvokeMethod', $null, $installer, @($File, 0))
        $view = $database.GetType().InvokeMember('OpenView', 'InvokeMethod', $null, $database, @('SELECT `Property`, `Value` FROM `Property`'))
        [void]$view.GetType().InvokeMember('Execute', 'InvokeMethod', $null, $view, $null)
        while ($record = $view.GetType().InvokeMember('Fetch', 'InvokeMethod', $null, $view, $null)) {
            $name = $record.GetType().InvokeMember('StringData', 'GetProperty', $null, $record, @(1))
            $found[$name] = $record.GetType().InvokeMember('StringData', 'GetProperty', $null, $record, @(2))
            [void][Runtime.InteropServices.Marshal]::ReleaseComObject($record)
        }
        [void]$view.GetType().InvokeMember('Close', 'InvokeMethod', $null, $view, $null)
    } finally {
        foreach ($one in $view, $database, $installer) {
            if ($null -ne $one) { [void][Runtime.InteropServices.Marshal]::ReleaseComObject($one) }
        }
    }
    return $found
}

function Invoke-Msi([string[]]$Words) {
    $log = Join-Path $Room ('msi-' + [guid]::NewGuid().ToString('N') + '.log')
    $process = Start-Process -FilePath msiexec.exe -ArgumentList ($Words + @('/qn', '/norestart', '/l*v', "`"$log`"")) -Wait -PassThru
    $text = ''
    if (Test-Path $log) { $text = [IO.File]::ReadAllText($log) }
    return [pscustomobject]@{ Code = $process.ExitCode; Log = $text }
}

function Install-Agent([string[]]$Properties = @(), [string]$From = $Package) {
    return Invoke-Msi (@('/i', "`"$From`"") + $Properties)
}

# The installer's own sentences, for what a failure shows.
function Get-Sentences([string]$Log) {
    return (@($Log -split "`r?`n" | Where-Object { $_ -match 'Latchkey: ' }) -join '; ')
}

function Assert-Code([int]$Expected, $Done) {
    if ($Done.Code -ne $Expected) { throw "exit $($Done.Code), not $Expected; $(Get-Sentences $Done.Log)" }
}

function Assert-NotInstalled {
    Assert (-not (Test-Path $Programs)) "$Programs is there"
    Assert ($null -eq (Get-Agent)) 'the service is there'
    Assert (([Environment]::GetEnvironmentVariable('PATH', 'Machine')) -notmatch 'Latchkey') 'PATH names it'
}

# A file with a certificate that is somebody's.
function New-Authority {
    $root = @(Get-ChildItem Cert:\LocalMachine\Root)[0]
    $file = Join-Path $Room 'authority.pem'
    [IO.File]::WriteAllText($file, "-----BEGIN CERTIFICATE-----`n$([Convert]::ToBase64String($root.RawData, 'InsertLineBreaks') -replace "`r", '')`n-----END CERTIFICATE-----`n")
    return $file
}

# What a restart would complete: files of ours, and files in use that Windows Installer moved aside, unless they lay there before.
function Get-AllPendingRenames {
    $manager = Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager'
    if (-not $manager.PSObject.Properties['PendingFileRenameOperations']) { return , @() }
    return , @($manager.PendingFileRenameOperations | Where-Object { $_ -match 'Latchkey|\\Config\.Msi\\[^\\]+\.rbf$' })
}
$PendingBefore = Get-AllPendingRenames
function Get-PendingRenames {
    $all = Get-AllPendingRenames
    return , @($all | Where-Object { $PendingBefore -notcontains $_ })
}

# --- The agent ---------------------------------------------------------------------------------------------------------

function Invoke-Program([string]$Program, [string[]]$Words) {
    $base = Join-Path $Room ([guid]::NewGuid().ToString('N'))
    $process = Start-Process -FilePath $Program -ArgumentList $Words -Wait -PassThru -NoNewWindow -RedirectStandardOutput "$base.out" -RedirectStandardError "$base.err"
    return [pscustomobject]@{ Code = $process.ExitCode; Text = [IO.File]::ReadAllText("$base.out"); Error = [IO.File]::ReadAllText("$base.err") }
}

function Get-Agent { return Get-CimInstance Win32_Service -Filter "Name='Latchkey'" }
function Test-Running { $service = Get-Agent; return ($null -ne $service) -and ($service.State -eq 'Running') }
function Test-Stopped { $service = Get-Agent; return ($null -ne $service) -and ($service.State -eq 'Stopped') }

function Get-Status {
    $said = Invoke-Program $Latchkey @('status', '--json')
    if ($said.Code -ne 0) { throw "latchkey status exits $($said.Code): $($said.Text)" }
    return $said.Text | ConvertFrom-Json
}

function Test-Answers { return (Invoke-Program $Latchkey @('status', '--json')).Code -eq 0 }
function Wait-ForAnswers { return Wait-Until { Test-Answers } 60 'the agent answers over its pipe' }

function Get-Health([string]$Id) { return @((Get-Status).agent.health | Where-Object { $_.id -eq $Id }) }

function Get-AgentEvents([datetime]$Since) {
    return @(Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'Latchkey'; StartTime = $Since } -ErrorAction SilentlyContinue)
}

# Also where the manager is just starting it again by itself.
function Restart-Agent {
    if (-not (Test-Stopped)) { Stop-Service Latchkey -Force -ErrorAction SilentlyContinue }
    [void](Wait-Until { Test-Stopped } 30 'the service stops')
    Start-Service Latchkey
    [void](Wait-ForAnswers)
}

# --- Who runs it -------------------------------------------------------------------------------------------------------

# A command file that leaves output and, in the end, exit code in the room: the same for everybody who may run it.
function New-Errand([string]$Line) {
    $base = Join-Path $Room ([guid]::NewGuid().ToString('N'))
    $text = "@echo off`r`n$Line > $base.out 2> $base.err`r`n>$base.part echo %errorlevel%`r`nmove /y $base.part $base.code >nul`r`n"
    [IO.File]::WriteAllText("$base.cmd", $text, [Text.Encoding]::GetEncoding([Globalization.CultureInfo]::CurrentCulture.TextInfo.OEMCodePage))
    return $base
}

function Wait-ForErrand([string]$Base, [int]$Patience, [string]$Who) {
    [void](Wait-Until { Test-Path "$Base.code" } $Patience "what $Who runs ends")
    return [pscustomobject]@{
        Code = [int64]([IO.File]::ReadAllText("$Base.code").Trim()); Text = [IO.File]::ReadAllText("$Base.out"); Error = [IO.File]::ReadAllText("$Base.err")
    }
}

# As one of Windows' own accounts, in no session, as deployment tools do. By its number: its name is another in every language.
function Invoke-AsTask([string]$Sid, [string]$Line) {
    $base = New-Errand $Line
    $action = New-ScheduledTaskAction -Execute $Shell -Argument "/d /c $base.cmd"
    $principal = New-ScheduledTaskPrincipal -UserId $Sid -LogonType ServiceAccount
    # By default a task does not start on a machine that runs on its battery.
    $settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
    Register-ScheduledTask -TaskName 'latchkey-verify' -Action $action -Principal $principal -Settings $settings -Force | Out-Null
    try {
        Start-ScheduledTask -TaskName 'latchkey-verify'
        return Wait-ForErrand $base 300 $Sid
    } finally {
        Unregister-ScheduledTask -TaskName 'latchkey-verify' -Confirm:$false
    }
}

# A standard user, for whom nothing was prepared.
function New-Visitor {
    $secret = ConvertTo-SecureString ('Lv1!' + [guid]::NewGuid().ToString('N')) -AsPlainText -Force
    New-LocalUser -Name $VisitorName -Password $secret -AccountNeverExpires -Description 'made by verify-on-windows.ps1' | Out-Null
    try {
        Add-LocalGroupMember -SID 'S-1-5-32-545' -Member $VisitorName
    } catch {
        Remove-LocalUser $VisitorName
        throw
    }
    return New-Object Management.Automation.PSCredential("$env:COMPUTERNAME\$VisitorName", $secret)
}

function Start-AsVisitor([string]$Words) {
    return Start-Process -FilePath $Shell -ArgumentList $Words -Credential $Visitor -WorkingDirectory $Room -WindowStyle Hidden -PassThru
}

function Invoke-AsVisitor([string]$Line) {
    $base = New-Errand $Line
    [void](Start-AsVisitor "/d /c $base.cmd")
    return Wait-ForErrand $base 120 'a standard user'
}

# As a service of the agent's kind: a virtual account, the same one privilege. A command file is no service, so the manager counts its start
# as failed; by then it has run.
function Invoke-AsTwin([string]$Line) {
    $base = New-Errand $Line
    try {
        & sc.exe create LatchkeyTwin binPath= "$Shell /d /c $base.cmd" obj= 'NT SERVICE\LatchkeyTwin' start= demand | Out-Null
        & sc.exe sidtype LatchkeyTwin unrestricted | Out-Null
        & sc.exe privs LatchkeyTwin SeChangeNotifyPrivilege | Out-Null
        & sc.exe start LatchkeyTwin | Out-Null
        return Wait-ForErrand $base 60 'a service of the same kind'
    } finally {
        & sc.exe delete LatchkeyTwin | Out-Null
    }
}

# --- Access lists ------------------------------------------------------------------------------------------------------

# Who but the system, the administrators, Windows' installer and the service owns it, or may change (or, -Reading, read) it.
function Get-Strangers([string]$Path, [switch]$Reading) {
    $wanted = [Security.AccessControl.FileSystemRights]'WriteData, AppendData, Delete, DeleteSubdirectoriesAndFiles, ChangePermissions, TakeOwnership'
    if ($Reading) { $wanted = [Security.AccessControl.FileSystemRights]'ReadData' }
    $generic = [int64]0x10000000 # all
    if ($Reading) { $generic = $generic -bor [int64]2147483648 } else { $generic = $generic -bor [int64]0x40000000 }
    $list = Get-Acl -LiteralPath $Path
    $found = @()
    $owner = $list.GetOwner([Security.Principal.SecurityIdentifier]).Value
    if ($Trusted -notcontains $owner) { $found += "owner $owner of $Path" }
    foreach ($rule in $list.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
        if ($rule.AccessControlType -ne 'Allow' -or $Trusted -contains $rule.IdentityReference.Value) { continue }
        $rights = [int64]$rule.FileSystemRights
        if (($rights -band ([int64]$wanted -bor $generic)) -ne 0) { $found += "$($rule.IdentityReference.Value) at $Path" }
    }
    return , $found
}

# The same of a folder and all that is in it.
function Get-StrangersBelow([string]$Folder, [switch]$Reading) {
    Assert (Test-Path -LiteralPath $Folder -PathType Container) "$Folder is not there"
    $found = @() + (Get-Strangers $Folder -Reading:$Reading)
    foreach ($one in @(Get-ChildItem -LiteralPath $Folder -Recurse -Force)) { $found += (Get-Strangers $one.FullName -Reading:$Reading) }
    return , $found
}
