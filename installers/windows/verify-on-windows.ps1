<#
.SYNOPSIS
Shows on a real Windows what Wine cannot show of the Latchkey agent: each promise, the command, what is expected, what came.

.DESCRIPTION
Run it in an elevated Windows PowerShell 5.1 (or newer), on a machine without the agent that may be changed: it installs, kills, repairs,
upgrades and removes the agent. With the key server's parameters it activates, too, which may count against an agreement.
Exit code: 0 all passed, 1 something failed, 2 it could not run. What needs a person's hands is listed at the end as BY HAND.

.EXAMPLE
.\verify-on-windows.ps1 -Package .\latchkey-agent_0.1.0_x64.msi -NewerPackage .\latchkey-agent_99.0.0_x64.msi

.EXAMPLE
.\verify-on-windows.ps1 -Package .\latchkey-agent_0.1.0_x64.msi -KeyServerUrl https://keys.example.org -CaFile .\ca.pem `
    -ManifestFile .\editor.jws -Product editor -KeyFile .\editor.key -Json
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)][string]$Package,
    [string]$NewerPackage = '',
    [string]$KeyServerUrl = '',
    [string]$CaFile = '',
    [string]$ManifestFile = '',
    [string]$Product = '',
    [string]$KeyFile = '',
    [switch]$Signed,
    [switch]$Json
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$Programs = Join-Path $env:ProgramFiles 'Latchkey'
$Data = Join-Path $env:ProgramData 'Latchkey'
$Latchkey = Join-Path $Programs 'latchkey.exe'
$Room = Join-Path $env:TEMP ('latchkey-verify-' + [guid]::NewGuid().ToString('N'))
$Dummy = '1ABCD-EFGHJ-KMNPQ-RSTVW-XYZ00'
$Results = New-Object System.Collections.ArrayList

function Add-Result([string]$Id, [string]$Promise, [string]$Command, [string]$Expected, [string]$Result, [string]$Found) {
    [void]$Results.Add([pscustomobject]@{ id = $Id; result = $Result; promise = $Promise; command = $Command; expected = $Expected; found = $Found })
    if (-not $Json) {
        Write-Host ('{0,-8} {1,-5} {2}' -f $Result, $Id, $Promise)
        if ($Result -eq 'FAIL') { Write-Host ("               expected: $Expected`n               found:    $Found`n               command:  $Command") }
    }
}

# The block returns what it found; it throws where that is not what is expected.
function Show-Promise([string]$Id, [string]$Promise, [string]$Command, [string]$Expected, [scriptblock]$Block) {
    try {
        $found = (& $Block | Out-String).Trim()
        Add-Result $Id $Promise $Command $Expected 'PASS' $found
    } catch {
        Add-Result $Id $Promise $Command $Expected 'FAIL' $_.Exception.Message
    }
}

function Show-ByHand([string]$Id, [string]$Promise, [string]$Command, [string]$Expected) {
    Add-Result $Id $Promise $Command $Expected 'BY HAND' ''
}

function Assert([bool]$Condition, [string]$Found) {
    if (-not $Condition) { throw $Found }
}

function Invoke-Msi([string[]]$Words) {
    $log = Join-Path $Room ('msi-' + [guid]::NewGuid().ToString('N') + '.log')
    $process = Start-Process -FilePath msiexec.exe -ArgumentList ($Words + @('/qn', '/l*v', "`"$log`"")) -Wait -PassThru
    $text = ''
    if (Test-Path $log) { $text = [IO.File]::ReadAllText($log) }
    return [pscustomobject]@{ Code = $process.ExitCode; Log = $text }
}

function Install-Agent([string[]]$Properties = @(), [string]$From = $Package) {
    return Invoke-Msi (@('/i', "`"$From`"") + $Properties)
}

function Invoke-Program([string]$Program, [string[]]$Words) {
    $out = Join-Path $Room 'out.txt'
    $process = Start-Process -FilePath $Program -ArgumentList $Words -Wait -PassThru -NoNewWindow -RedirectStandardOutput $out `
        -RedirectStandardError (Join-Path $Room 'err.txt')
    return [pscustomobject]@{ Code = $process.ExitCode; Text = [IO.File]::ReadAllText($out) }
}

function Wait-Until([scriptblock]$Asked, [int]$Seconds, [string]$What) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Asked)) {
        if ($watch.Elapsed.TotalSeconds -gt $Seconds) { throw "not within $Seconds s: $What" }
        Start-Sleep -Milliseconds 100
    }
    return [math]::Round($watch.Elapsed.TotalSeconds, 2)
}

function Get-Agent { return Get-CimInstance Win32_Service -Filter "Name='Latchkey'" }
function Test-Running { $agent = Get-Agent; return ($null -ne $agent) -and ($agent.State -eq 'Running') }
function Get-Status {
    $said = Invoke-Program $Latchkey @('status', '--json')
    if ($said.Code -gt 3) { throw "latchkey status exits $($said.Code)" }
    return $said.Text | ConvertFrom-Json
}

# Who but the system, the administrators, Windows' installer and the service may change (or, -Reading, read) it.
function Get-Strangers([string]$Path, [switch]$Reading) {
    $known = 'S-1-5-18', 'S-1-5-32-544', 'S-1-3-0', 'S-1-3-4',
        'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464', 'S-1-5-80-1927291340-3315084382-1610954537-1053208541-2792860870'
    $wanted = [Security.AccessControl.FileSystemRights]'WriteData, AppendData, Delete, DeleteSubdirectoriesAndFiles, ChangePermissions, TakeOwnership'
    if ($Reading) { $wanted = [Security.AccessControl.FileSystemRights]'ReadData' }
    $found = @()
    foreach ($rule in (Get-Acl $Path).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
        if ($rule.AccessControlType -ne 'Allow' -or $known -contains $rule.IdentityReference.Value) { continue }
        $rights = [int64]$rule.FileSystemRights
        $generic = ($rights -band 0x10000000) -ne 0 -or (-not $Reading -and ($rights -band 0x40000000) -ne 0)
        if ((($rights -band [int64]$wanted) -ne 0) -or $generic) { $found += $rule.IdentityReference.Value }
    }
    return , $found
}

# Runs a command line as somebody else and returns its exit code and output: SYSTEM as deployment tools do, LOCAL SERVICE as nobody special.
function Invoke-As([string]$Account, [string]$Line) {
    $name = 'latchkey-verify'
    $out = Join-Path $env:PUBLIC ('latchkey-verify-' + [guid]::NewGuid().ToString('N') + '.txt')
    [IO.File]::WriteAllText($out, '')
    & icacls.exe $out /grant '*S-1-5-19:M' | Out-Null
    $action = New-ScheduledTaskAction -Execute 'cmd.exe' -Argument "/c `"$Line > `"$out`" 2>&1`""
    $principal = New-ScheduledTaskPrincipal -UserId $Account -LogonType ServiceAccount
    Register-ScheduledTask -TaskName $name -Action $action -Principal $principal -Force | Out-Null
    try {
        Start-ScheduledTask -TaskName $name
        [void](Wait-Until { (Get-ScheduledTask -TaskName $name).State -ne 'Running' -and (Get-ScheduledTaskInfo -TaskName $name).LastTaskResult -ne 267011 } 300 "the task as $Account")
        $code = (Get-ScheduledTaskInfo -TaskName $name).LastTaskResult
    } finally {
        Unregister-ScheduledTask -TaskName $name -Confirm:$false
    }
    $text = [IO.File]::ReadAllText($out)
    Remove-Item $out
    return [pscustomobject]@{ Code = $code; Text = $text }
}

$identity = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if (-not $identity.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { Write-Error 'run it elevated' -ErrorAction Continue; exit 2 }
if ($null -ne (Get-Agent)) { Write-Error 'the agent is installed here already; take a machine without it' -ErrorAction Continue; exit 2 }
$Package = (Resolve-Path $Package).Path
if ($NewerPackage) { $NewerPackage = (Resolve-Path $NewerPackage).Path }
New-Item -ItemType Directory $Room | Out-Null

$installer = New-Object -ComObject WindowsInstaller.Installer
$database = $installer.GetType().InvokeMember('OpenDatabase', 'InvokeMethod', $null, $installer, @($Package, 0))
function Get-MsiProperty([string]$Name) {
    $view = $database.GetType().InvokeMember('OpenView', 'InvokeMethod', $null, $database, @("SELECT ``Value`` FROM ``Property`` WHERE ``Property`` = '$Name'"))
    [void]$view.GetType().InvokeMember('Execute', 'InvokeMethod', $null, $view, $null)
    $record = $view.GetType().InvokeMember('Fetch', 'InvokeMethod', $null, $view, $null)
    return $record.GetType().InvokeMember('StringData', 'GetProperty', $null, $record, @(1))
}
$Version = Get-MsiProperty 'ProductVersion'

# --- Keys and logs -----------------------------------------------------------------------------------------------------

foreach ($name in 'PRODUCT_KEY', 'PRODUCTKEY', 'KEY', 'PIDKEY', 'KEY_FILE') {
    Show-Promise "K-$name" "a key passed as $name is refused, and no log holds it" "msiexec /i PACKAGE /qn /l*v LOG PRODUCT=editor $name=$Dummy" `
        'exit 1603, nothing installed, the log has a sentence that names the property and not the key' {
        $done = Install-Agent @('PRODUCT=editor', "$name=$Dummy")
        Assert ($done.Code -eq 1603) "exit $($done.Code)"
        Assert (-not (Test-Path $Programs)) 'something was installed'
        Assert ($done.Log -match "Latchkey: .*$name") 'the log does not say why'
        Assert (-not $done.Log.Contains('EFGHJ')) 'the key is in the log'
        $events = Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'MsiInstaller'; StartTime = (Get-Date).AddMinutes(-5) } -ErrorAction SilentlyContinue
        Assert (-not (($events | ForEach-Object { $_.Message }) -join "`n").Contains('EFGHJ')) 'the key is in the Application log'
        'refused'
    }
}

# --- A failed installation ---------------------------------------------------------------------------------------------

Show-Promise 'R-1' 'a failed installation leaves nothing' 'a file in the place of the folder C:\ProgramData\Latchkey\state; msiexec /i PACKAGE /qn' `
    'exit 1603; no programs, no service, no PATH entry; the file is still there' {
    New-Item -ItemType Directory $Data | Out-Null
    [IO.File]::WriteAllText((Join-Path $Data 'state'), 'in the way')
    $done = Install-Agent @('ROLE=lab')
    Assert ($done.Code -eq 1603) "exit $($done.Code)"
    Assert (-not (Test-Path $Programs)) 'programs are there'
    Assert ($null -eq (Get-Agent)) 'the service is there'
    Assert (([Environment]::GetEnvironmentVariable('PATH', 'Machine')) -notmatch 'Latchkey') 'PATH names it'
    Assert ((Get-Content (Join-Path $Data 'state')) -eq 'in the way') 'what was there is gone'
    Assert (-not (Test-Path (Join-Path $Data 'agent.d\50-installer.toml'))) 'settings are there'
    Remove-Item -Recurse -Force $Data
    'nothing left'
}

Show-Promise 'P-odd' 'odd words arrive as they are' 'msiexec /i PACKAGE /qn LOCATION="Haus ""A"" [ROLE] {x} 100%PATH%"' `
    'exit 0; in agent.d\50-installer.toml: location = "Haus \"A\" [ROLE] {x} 100%PATH%"' {
    $done = Install-Agent @('LOCATION="Haus ""A"" [ROLE] {x} 100%PATH%"', 'ROLE=lab')
    $settings = ''
    if (Test-Path (Join-Path $Data 'agent.d\50-installer.toml')) { $settings = [IO.File]::ReadAllText((Join-Path $Data 'agent.d\50-installer.toml')) }
    $removed = Invoke-Msi @('/x', "`"$Package`"", 'REMOVE_STATE=1')
    Assert ($done.Code -eq 0 -and $removed.Code -eq 0) "exit $($done.Code), $($removed.Code)"
    Assert ($settings.Contains('location = "Haus \"A\" [ROLE] {x} 100%PATH%"')) $settings
    'as they are'
}

# --- Installation ------------------------------------------------------------------------------------------------------

$activates = $KeyServerUrl -and $Product -and $KeyFile
$told = @()
if ($activates) {
    $told += "KEYSERVER_URL=$KeyServerUrl", "PRODUCT=$Product", ('KEY_FILE="{0}"' -f (Resolve-Path $KeyFile).Path), 'WHEN_COUNTED=proceed'
    if ($CaFile) { $told += 'CA_FILE="{0}"' -f (Resolve-Path $CaFile).Path }
    if ($ManifestFile) { $told += 'MANIFEST_FILE="{0}"' -f (Resolve-Path $ManifestFile).Path }
}
Show-Promise 'I-1' 'installs as the system, without a window, as deployment tools do' 'as SYSTEM: msiexec /i PACKAGE /qn ...' 'exit 0; the service runs' {
    $copy = Join-Path $env:PUBLIC 'latchkey-verify.msi'
    Copy-Item $Package $copy
    try {
        $done = Invoke-As 'SYSTEM' ("start `"`" /wait msiexec.exe /i `"$copy`" /qn " + ($told -join ' '))
    } finally {
        Remove-Item $copy
    }
    Assert ($done.Code -eq 0) "exit $($done.Code)"
    Wait-Until { Test-Running } 30 'the service runs'
}
Show-Promise 'I-2' 'every program bears the version of the package' '(Get-Item *.exe).VersionInfo.FileVersion' "$Version.0" {
    foreach ($file in Get-ChildItem $Programs -Filter *.exe) {
        Assert ($file.VersionInfo.FileVersion -eq "$Version.0") "$($file.Name): $($file.VersionInfo.FileVersion)"
    }
    "$Version.0"
}
Show-Promise 'I-3' 'it is in the list of programs once, with its version' 'HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall' "Latchkey agent $Version" {
    $listed = @(Get-ItemProperty 'HKLM:\Software\Microsoft\Windows\CurrentVersion\Uninstall\*' | Where-Object { $_.PSObject.Properties['DisplayName'] -and $_.DisplayName -eq 'Latchkey agent' })
    Assert ($listed.Count -eq 1) "$($listed.Count) entries"
    Assert ($listed[0].DisplayVersion -eq $Version) $listed[0].DisplayVersion
    $listed[0].PSChildName
}
Show-Promise 'I-4' 'the command line is found through PATH' 'cmd /c latchkey version, in a new process' 'exit 0' {
    Assert (([Environment]::GetEnvironmentVariable('PATH', 'Machine')) -match [regex]::Escape($Programs)) 'PATH does not name it'
    'named'
}
if ($Signed) {
    Show-Promise 'I-5' 'programs and package are signed' 'Get-AuthenticodeSignature' 'Valid' {
        foreach ($file in @(Get-ChildItem $Programs -Filter *.exe) + @(Get-Item $Package)) {
            $state = (Get-AuthenticodeSignature $file.FullName).Status
            Assert ($state -eq 'Valid') "$($file.Name): $state"
        }
        'Valid'
    }
}

# --- Access ------------------------------------------------------------------------------------------------------------

foreach ($folder in $Programs, $Data, (Join-Path $Data 'agent.d'), (Join-Path $Data 'products.d')) {
    Show-Promise "A-$($folder.Split('\')[-1])" "nobody but administrators changes $folder" "icacls `"$folder`"" 'no right to write for anybody else' {
        $strangers = Get-Strangers $folder
        Assert ($strangers.Count -eq 0) ($strangers -join ', ')
        (Get-Acl $folder).Sddl
    }
}
foreach ($name in 'state', 'anchor', 'inbox') {
    $folder = Join-Path $Data $name
    Show-Promise "A-$name" "nobody but administrators and the service reads $folder" "icacls `"$folder`"" 'no right to read for anybody else' {
        $strangers = Get-Strangers $folder -Reading
        Assert ($strangers.Count -eq 0) ($strangers -join ', ')
        (Get-Acl $folder).Sddl
    }
}
Show-Promise 'A-pipe' 'the pipe refuses clients of the network' '\\COMPUTERNAME\pipe\latchkey-agent' 'cannot be opened' {
    $client = New-Object IO.Pipes.NamedPipeClientStream($env:COMPUTERNAME, 'latchkey-agent', [IO.Pipes.PipeDirection]::InOut)
    $opened = $true
    try { $client.Connect(3000) } catch { $opened = $false } finally { $client.Dispose() }
    Assert (-not $opened) 'it was opened'
    'refused'
}
Show-Promise 'A-reading' 'everybody may ask for the status' 'as LOCAL SERVICE: latchkey status --json' 'exit 0 to 3 and products' {
    $done = Invoke-As 'NT AUTHORITY\LOCAL SERVICE' "`"$Latchkey`" status --json"
    Assert ($done.Text -match '"products"') "exit $($done.Code): $($done.Text)"
    "exit $($done.Code)"
}
Show-Promise 'A-changing' 'nobody but administrators may change something' 'as LOCAL SERVICE: latchkey reload --json' 'refused: not_permitted' {
    $done = Invoke-As 'NT AUTHORITY\LOCAL SERVICE' "`"$Latchkey`" reload --json"
    Assert ($done.Code -ne 0 -and $done.Text -match 'not_permitted') "exit $($done.Code): $($done.Text)"
    "exit $($done.Code)"
}

# --- Service -----------------------------------------------------------------------------------------------------------

Show-Promise 'S-account' 'the service has an account of its own' 'Get-CimInstance Win32_Service' 'NT SERVICE\Latchkey, Auto' {
    $agent = Get-Agent
    Assert ($agent.StartName -eq 'NT SERVICE\Latchkey' -and $agent.StartMode -eq 'Auto') "$($agent.StartName), $($agent.StartMode)"
    "$($agent.StartName), $($agent.StartMode)"
}
Show-Promise 'S-rights' 'it has the least privileges' 'sc.exe qprivs Latchkey' 'SeChangeNotifyPrivilege and no other' {
    $said = (& sc.exe qprivs Latchkey | Out-String)
    $named = @([regex]::Matches($said, 'Se\w+Privilege') | ForEach-Object { $_.Value } | Sort-Object -Unique)
    Assert (($named -join ',') -eq 'SeChangeNotifyPrivilege') $said
    $named
}
Show-Promise 'S-start' 'it runs soon after it was told to' 'Stop-Service Latchkey; Start-Service Latchkey' 'RUNNING within 10 s; the seconds are shown' {
    Stop-Service Latchkey
    Start-Service Latchkey
    Wait-Until { Test-Running } 10 'the service runs'
}
Show-Promise 'S-killed' 'Windows itself starts it again when it was killed' 'Stop-Process -Name latchkeyd -Force' 'another process within 30 s' {
    $before = (Get-Process latchkeyd).Id
    Stop-Process -Id $before -Force
    Wait-Until { $now = Get-Process latchkeyd -ErrorAction SilentlyContinue; $now -and $now.Id -ne $before } 30 'another process'
}
Show-Promise 'S-actions' 'failures are forgotten after a day' 'sc.exe qfailure Latchkey' '86400 and three restarts' {
    $said = (& sc.exe qfailure Latchkey | Out-String)
    Assert ($said -match '86400' -and ([regex]::Matches($said, 'RESTART')).Count -eq 3) $said
    '86400, 3 restarts'
}
Show-Promise 'S-events' 'the Event Log shows sentences' 'Get-WinEvent -ProviderName Latchkey' 'events whose message is found' {
    $events = @(Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'Latchkey' } -MaxEvents 20)
    Assert ($events.Count -gt 0) 'no events'
    foreach ($event in $events) { Assert ($event.Message -and $event.Message -notmatch 'description for Event ID') "event $($event.Id) has no message" }
    "$($events.Count) events; ids " + (($events | ForEach-Object { $_.Id } | Sort-Object -Unique) -join ', ')
}
Show-Promise 'S-bad' 'with a bad configuration it ends and says so' 'an unknown key in agent.toml; Restart-Service' 'STOPPED with an exit code that is not 0, an error in the Event Log' {
    $file = Join-Path $Data 'agent.d\99-bad.toml'
    [IO.File]::WriteAllText($file, "[agent]`nnonsense = 1`n")
    try {
        Stop-Service Latchkey
        & sc.exe start Latchkey | Out-Null
        [void](Wait-Until { (Get-Agent).State -eq 'Stopped' } 20 'the service ends')
        $agent = Get-Agent
        Assert ($agent.ExitCode -ne 0) 'exit code 0'
        "exit code $($agent.ExitCode), of the service $($agent.ServiceSpecificExitCode)"
    } finally {
        Remove-Item $file
        Start-Service Latchkey
    }
}

# --- Hardware and licenses ---------------------------------------------------------------------------------------------

Show-Promise 'H-evidence' 'the hardware is recognized' 'latchkey status --json: machine.evidence' 'strong on a real machine, fair or better on a virtual one' {
    [void](Wait-Until { try { [void](Get-Status); $true } catch { $false } } 30 'the agent answers')
    $machine = (Get-Status).machine
    Assert ($machine.evidence -ne 'weak') $machine.evidence
    "$($machine.evidence), $($machine.support_code)"
}
Show-Promise 'H-tpm' 'a TPM 2.0 is used where there is one' 'Get-Tpm; latchkey status --json: machine.anchor' 'tpm2 where TpmPresent, else none' {
    $present = $false
    try { $present = (Get-Tpm).TpmPresent } catch { $present = $false }
    $anchor = (Get-Status).machine.anchor
    if (-not $present) { Assert ($anchor -eq 'none') $anchor }
    "TPM present: $present; anchor: $anchor"
}
Show-Promise 'H-same' 'the machine is the same after the service starts again' 'latchkey status --json: machine.id' 'the same id twice' {
    $before = (Get-Status).machine.id
    Restart-Service Latchkey
    [void](Wait-Until { try { [void](Get-Status); $true } catch { $false } } 30 'the agent answers')
    Assert ((Get-Status).machine.id -eq $before) "$before, then $((Get-Status).machine.id)"
    $before
}
if ($activates) {
    Show-Promise 'L-1' 'told by properties it activates without a hand' 'latchkey status --json' "$Product licensed; the key file is gone from the inbox" {
        $seconds = Wait-Until { @((Get-Status).products | Where-Object { $_.id -eq $Product -and $_.state -eq 'licensed' }).Count -eq 1 } 120 'licensed'
        Assert (@(Get-ChildItem (Join-Path $Data 'inbox') -Filter *.key).Count -eq 0) 'the key file is still there'
        "after $seconds s"
    }
}

# --- Repair, upgrade, removal ------------------------------------------------------------------------------------------

Show-Promise 'M-repair' 'repair brings back a program' 'remove latchkey.exe; msiexec /fa PACKAGE /qn' 'exit 0; it is back; the service runs' {
    Remove-Item $Latchkey
    $done = Invoke-Msi @('/fa', "`"$Package`"")
    Assert ($done.Code -eq 0) "exit $($done.Code)"
    Assert (Test-Path $Latchkey) 'it is not back'
    Wait-Until { Test-Running } 30 'the service runs'
}
if ($NewerPackage) {
    Show-Promise 'M-upgrade' 'an upgrade while programs run needs no restart and keeps state' 'latchkey open in a terminal; msiexec /i NEWER /qn' 'exit 0; same machine; newer version' {
        $before = (Get-Status).machine.id
        $open = Start-Process -FilePath $Latchkey -ArgumentList 'status', '--help' -PassThru -WindowStyle Hidden
        $done = Install-Agent @() $NewerPackage
        if (-not $open.HasExited) { Stop-Process -Id $open.Id }
        Assert ($done.Code -eq 0) "exit $($done.Code)"
        [void](Wait-Until { try { [void](Get-Status); $true } catch { $false } } 30 'the agent answers')
        $now = Get-Status
        Assert ($now.machine.id -eq $before -and $now.agent.version -ne $Version) "$($now.machine.id), $($now.agent.version)"
        $now.agent.version
    }
    Show-Promise 'M-downgrade' 'a downgrade is refused with a sentence' 'msiexec /i PACKAGE /qn' 'exit 1603; "A newer version" in the log; the newer one runs' {
        $done = Install-Agent
        Assert ($done.Code -eq 1603 -and $done.Log -match 'A newer version') "exit $($done.Code)"
        Assert (Test-Running) 'the service does not run'
        'refused'
    }
}
$installed = $Package
if ($NewerPackage) { $installed = $NewerPackage }
Show-Promise 'M-uninstall' 'removing it keeps state and settings' 'msiexec /x PACKAGE /qn' 'exit 0; no programs, service, PATH entry, event source; state is there' {
    $done = Invoke-Msi @('/x', "`"$installed`"")
    Assert ($done.Code -eq 0) "exit $($done.Code)"
    Assert (-not (Test-Path $Programs)) 'programs are there'
    Assert ($null -eq (Get-Agent)) 'the service is there'
    Assert (([Environment]::GetEnvironmentVariable('PATH', 'Machine')) -notmatch 'Latchkey') 'PATH names it'
    Assert (-not (Test-Path 'HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Application\Latchkey')) 'the event source is there'
    Assert (Test-Path (Join-Path $Data 'state\*')) 'the state is gone'
    'state kept'
}
Show-Promise 'M-erase' 'REMOVE_STATE=1 removes state and settings, too' 'msiexec /i PACKAGE /qn; msiexec /x PACKAGE /qn REMOVE_STATE=1' 'exit 0; no C:\ProgramData\Latchkey, no group latchkey-admin' {
    $done = Install-Agent @() $installed
    Assert ($done.Code -eq 0) "exit $($done.Code) of installing"
    $done = Invoke-Msi @('/x', "`"$installed`"", 'REMOVE_STATE=1')
    Assert ($done.Code -eq 0) "exit $($done.Code)"
    Assert (-not (Test-Path $Data)) 'the folder is there'
    Assert ($null -eq (Get-LocalGroup latchkey-admin -ErrorAction SilentlyContinue)) 'the group is there'
    'nothing left'
}

# --- What needs a person -----------------------------------------------------------------------------------------------

Show-ByHand 'B-shutdown' 'it stops in time at shutdown' 'shutdown /r /t 0; then Get-WinEvent -ProviderName Latchkey' 'an event that it stopped, before the system did'
Show-ByHand 'B-resume' 'it looks again after sleep' 'sleep for a minute, wake; latchkey history' 'the clock is ok; a renewal that fell due during sleep is made at once'
Show-ByHand 'B-trust' 'a root that the machine trusts is enough' 'Import-Certificate -CertStoreLocation Cert:\LocalMachine\Root; no CA_FILE; latchkey doctor' 'the key server is reached'
Show-ByHand 'B-proxy' 'the machine''s proxy is used' 'netsh winhttp set proxy HOST:PORT; latchkey reload; latchkey doctor' 'the proxy sees a CONNECT'
Show-ByHand 'B-network' 'a network that comes back is noticed' 'unplug, wait, plug in; latchkey history' 'an attempt within seconds'
Show-ByHand 'B-folder' 'a folder that a user made in ProgramData is not taken over' 'as a user: mkdir C:\ProgramData\Latchkey; as administrator: msiexec /i PACKAGE /qn' 'exit 1603; the log says whose it is'
Show-ByHand 'B-pipe' 'a program of a user that sits on the pipe is not taken for the agent' 'service stopped; as a user: a server on \\.\pipe\latchkey-agent; latchkey status' 'refused: the server belongs to somebody else'
Show-ByHand 'B-gpo' 'a policy wins over files' 'ADMX in the central store; a GPO that sets the key server; gpupdate; latchkey config show' 'the value, and HKLM\SOFTWARE\Policies\Latchkey as its source'
Show-ByHand 'B-image' 'a generalized image gives machines of their own' 'latchkey generalize; sysprep /generalize; two clones' 'two machine ids'

Remove-Item -Recurse -Force $Room
$failed = @($Results | Where-Object { $_.result -eq 'FAIL' }).Count
$passed = @($Results | Where-Object { $_.result -eq 'PASS' }).Count
if ($Json) {
    [pscustomobject]@{
        schema_version = '1.0'; package = $Version; windows = [Environment]::OSVersion.VersionString; passed = $passed; failed = $failed; promises = @($Results)
    } | ConvertTo-Json -Depth 4
} else {
    Write-Host "$passed passed, $failed failed, $(@($Results | Where-Object { $_.result -eq 'BY HAND' }).Count) by hand"
}
if ($failed -gt 0) { exit 1 }
exit 0
