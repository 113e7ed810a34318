# What lies at C:\ProgramData\Latchkey before the installation: users may make folders in ProgramData.

# The folder and all in it; of a junction the junction alone, never what it leads to.
function Remove-Folder([string]$Folder) {
    if (([IO.File]::GetAttributes($Folder) -band [IO.FileAttributes]::ReparsePoint) -eq 0) {
        foreach ($file in [IO.Directory]::GetFiles($Folder)) { [IO.File]::Delete($file) }
        foreach ($below in [IO.Directory]::GetDirectories($Folder)) { Remove-Folder $below }
    }
    [IO.Directory]::Delete($Folder)
}

# Has somebody (a visitor's or an administrator's command line) prepare it, installs, judges, and takes all away again.
function Show-Prepared([string]$Id, [string]$Promise, [string]$Command, [string]$Expected, [scriptblock]$Prepare, [scriptblock]$Judge) {
    Show-Promise $Id $Promise $Command $Expected {
        $behind = (Get-Acl $Elsewhere).Sddl
        try {
            & $Prepare
            $before = ''
            if (Test-Path -LiteralPath $Data) { $before = (Get-Acl -LiteralPath $Data).Sddl }
            $done = Install-Agent
            & $Judge $done $before
            Assert-Equal $behind (Get-Acl $Elsewhere).Sddl 'the access list of the folder behind the junction'
            Assert-Equal 'theirs' (@(Get-ChildItem $Elsewhere -Force | ForEach-Object { $_.Name }) -join ', ') 'what is in the folder behind the junction'
            "exit $($done.Code); $(Get-Sentences $done.Log)"
        } finally {
            if ($null -ne (Get-Agent)) { [void](Invoke-Msi @('/x', "`"$Package`"", 'REMOVE_STATE=1')) }
            if ([IO.Directory]::Exists($Data)) { Remove-Folder $Data }
        }
    }
}

function Invoke-Preparation([string]$Line) {
    $made = Invoke-AsVisitor $Line
    if ($made.Code -ne 0) { Skip-Row "a standard user cannot do that here: $($made.Error)" }
}

$Elsewhere = Join-Path $Room 'elsewhere'
New-Item -ItemType Directory "$Elsewhere\theirs" | Out-Null
& icacls.exe $Elsewhere /setowner '*S-1-5-32-544' | Out-Null
$refused = {
    param($Done, $Before)
    Assert-Code 1603 $Done
    Assert-NotInstalled
    Assert-Equal $Before (Get-Acl -LiteralPath $Data).Sddl 'the access list of the folder'
    Assert (-not (Test-Path "$Data\agent.toml")) 'something was put into it'
}

Show-Prepared 'J-folder' 'a folder that a user made is not taken over' 'as a standard user: mkdir C:\ProgramData\Latchkey; msiexec /i PACKAGE /qn' 'exit 1603, the log says whose it is; owner and access list as before' `
    { Invoke-Preparation "mkdir `"$Data`"" } { param($Done, $Before) & $refused $Done $Before; Assert ($Done.Log -match "Latchkey: .*another user's") 'the log does not say whose it is' }
Show-Prepared 'J-junction' 'a junction that a user laid leads the installer nowhere' 'as a standard user: mklink /J C:\ProgramData\Latchkey FOLDER-OF-ADMINISTRATORS; msiexec /i PACKAGE /qn' `
    'exit 1603, the log speaks of a link; the folder it leads to, and its access list, as before' `
    { Invoke-Preparation "mklink /J `"$Data`" $Elsewhere" } { param($Done, $Before) & $refused $Done $Before; Assert ($Done.Log -match 'Latchkey: .*link') 'the log does not speak of a link' }
Show-Prepared 'J-entry' 'in a folder that an administrator made and did not close, what a user put there is refused' 'mkdir C:\ProgramData\Latchkey; as a standard user: mkdir agent.d in it, with a file; msiexec /i PACKAGE /qn' `
    'exit 1603, the log names agent.d; the access list as before' {
    New-Item -ItemType Directory $Data | Out-Null
    Invoke-Preparation "mkdir `"$Data\agent.d`" && echo [agent]>`"$Data\agent.d\99-theirs.toml`""
} { param($Done, $Before) & $refused $Done $Before; Assert ($Done.Log -match "Latchkey: .*agent\.d.*another user's") 'the log does not name it' }
Show-Prepared 'J-link' 'nor is a user''s junction in it followed' 'mkdir C:\ProgramData\Latchkey; as a standard user: mklink /J state FOLDER in it; msiexec /i PACKAGE /qn' 'exit 1603, the log names state; the folder it leads to as before' {
    New-Item -ItemType Directory $Data | Out-Null
    Invoke-Preparation "mklink /J `"$Data\state`" $Elsewhere"
} { param($Done, $Before) & $refused $Done $Before; Assert ($Done.Log -match 'Latchkey: .*state') 'the log does not name it' }
Show-Prepared 'J-closed' 'an administrator''s folder with settings of his own is kept, and closed' 'mkdir C:\ProgramData\Latchkey\agent.d, with mine.toml; msiexec /i PACKAGE /qn; as a standard user: write there' `
    'exit 0; mine.toml as before; the folder''s list inherits nothing; a standard user cannot write into it, agent.d or products.d' {
    New-Item -ItemType Directory "$Data\agent.d" | Out-Null
    [IO.File]::WriteAllText("$Data\agent.d\mine.toml", "[agent]`nrole = `"lab`"`n")
} {
    param($Done, $Before)
    Assert-Code 0 $Done
    Assert-Equal "[agent]`nrole = `"lab`"`n" ([IO.File]::ReadAllText("$Data\agent.d\mine.toml")) 'mine.toml'
    $now = (Get-Acl $Data).Sddl
    Assert ($now -match 'D:P' -and $now -cne $Before) "the list is $now"
    foreach ($folder in $Data, "$Data\agent.d", "$Data\products.d") {
        $tried = Invoke-AsVisitor "copy /y NUL `"$folder\visitor.txt`""
        Assert ($tried.Code -ne 0 -and -not (Test-Path "$folder\visitor.txt")) "a standard user writes into $folder"
    }
}
Show-Promise 'R-folder' 'a failed installation leaves an administrator''s folder, its list and the groups as they were' 'mkdir C:\ProgramData\Latchkey\keyserver-ca.pem; msiexec /i PACKAGE /qn CA_FILE=FILE' `
    'exit 1603; nothing else in the folder; its list as before; no group latchkey-admin' {
    New-Item -ItemType Directory "$Data\keyserver-ca.pem" | Out-Null
    $before = (Get-Acl $Data).Sddl
    try {
        $done = Install-Agent @("CA_FILE=$(New-Authority)")
        Assert-Code 1603 $done
        Assert-NotInstalled
        Assert-Equal 'keyserver-ca.pem' (@(Get-ChildItem $Data -Force | ForEach-Object { $_.Name }) -join ', ') 'what is in the folder'
        Assert-Equal $before (Get-Acl $Data).Sddl 'its access list'
        Assert ($null -eq (Get-LocalGroup latchkey-admin -ErrorAction SilentlyContinue)) 'the group is there'
        "exit 1603; $(Get-Sentences $done.Log)"
    } finally { Remove-Folder $Data }
}
