# Installing: what is refused, what a failure leaves, what arrives, who may do it.

Show-Promise 'T-judge' 'this script sees a right that is one too many' 'icacls FOLDER /grant *S-1-5-32-545:(OI)(CI)M' 'S-1-5-32-545 is found at the folder and at the file in it' {
    $folder = Join-Path $Room 'open'
    New-Item -ItemType Directory $folder | Out-Null
    & icacls.exe $folder /grant '*S-1-5-32-545:(OI)(CI)M' | Out-Null
    [IO.File]::WriteAllText("$folder\file", '')
    $found = Get-StrangersBelow $folder
    foreach ($path in $folder, "$folder\file") { Assert ($found -contains "S-1-5-32-545 at $path") "found: $($found -join ', ')" }
    $found
}

foreach ($name in 'PRODUCT_KEY', 'PRODUCTKEY', 'KEY', 'PIDKEY', 'KEY_FILE') {
    Show-Promise "K-$name" "a key passed as $name is refused, and no log holds it" "msiexec /i PACKAGE /qn /l*v LOG PRODUCT=editor $name=$Dummy" `
        'exit 1603, nothing installed, the log has a sentence that names the property and not the key, the Application log has entries without it' {
        $began = (Get-Date).AddSeconds(-1)
        $done = Install-Agent @('PRODUCT=editor', "$name=$Dummy")
        Assert-Code 1603 $done
        Assert-NotInstalled
        Assert ($done.Log -match "Latchkey: .*$name") 'the log does not say why'
        Assert (-not $done.Log.Contains('EFGHJ')) 'the key is in the log'
        $told = @(Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'MsiInstaller'; StartTime = $began } -ErrorAction SilentlyContinue)
        Assert ($told.Count -gt 0) 'Windows Installer wrote nothing into the Application log'
        Assert (-not (($told | ForEach-Object { $_.ToXml() }) -join "`n").Contains('EFGHJ')) 'the key is in the Application log'
        "exit $($done.Code); $(Get-Sentences $done.Log); $($told.Count) entries"
    }
}

Show-Promise 'K-notes' 'what is in a key file is in no log' 'msiexec /i PACKAGE /qn /l*vx LOG PRODUCT=editor KEY_FILE=FILE with Windows Installer''s policy Debug=7' `
    'neither the key nor its digits, in either case, are in the log; LatchkeyApply''s data is shown as **********' {
    $rules = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\Installer'
    if (Test-Path $rules) { Skip-Row "$rules is set by whoever manages this machine" }
    $key = $Dummy
    if ($KeyFile) { $key = [IO.File]::ReadAllLines($KeyFile)[0].Trim() }
    [IO.File]::WriteAllText("$Room\editor.key", "$key`r`n")
    New-Item $rules -Force | Out-Null
    New-ItemProperty $rules -Name Debug -Value 7 -PropertyType DWord | Out-Null
    $log = "$Room\notes.log"
    try {
        $done = Start-Process msiexec.exe -ArgumentList '/i', "`"$Package`"", '/qn', '/norestart', '/l*vx', $log, 'PRODUCT=editor', "KEY_FILE=$Room\editor.key" -Wait -PassThru
    } finally { Remove-Item $rules -Recurse }
    $text = [IO.File]::ReadAllText($log)
    [void](Invoke-Msi @('/x', "`"$Package`"", 'REMOVE_STATE=1'))
    $group = $key.Substring(6, 5)
    $digits = -join ([Text.Encoding]::ASCII.GetBytes($group) | ForEach-Object { $_.ToString('x2') })
    foreach ($secret in $group, $digits, $digits.ToUpperInvariant()) { Assert (-not $text.Contains($secret)) "the log holds $secret" }
    if ($done.ExitCode -ne 0) { Skip-Row "exit $($done.ExitCode): a key made up here is no key; pass -KeyFile" }
    Assert ($text.Length -gt 10000 -and $text.Contains('LatchkeyApply')) 'the log tells nothing'
    Assert ($text.Contains('**********')) 'nothing is hidden in the log'
    "exit $($done.ExitCode); $($text.Length) characters of log"
}
Show-Promise 'P-judged' 'wrong values are refused before anything is changed' 'PROXY=http://me:word@proxy; KEYSERVER_URL=https://k/v1; CA_FILE a text; PRODUCT=editor MANIFEST_FILE a text; ROLE=desktop' `
    'exit 1603 each, nothing installed; the log names the property; a password is in no log' {
    [IO.File]::WriteAllText("$Room\plain.txt", 'no certificate')
    $seen = @()
    foreach ($bad in @('PROXY', 'http://me:word@proxy'), @('KEYSERVER_URL', 'https://k/v1'), @('CA_FILE', "$Room\plain.txt"), @('MANIFEST_FILE', "$Room\plain.txt"), @('ROLE', 'desktop')) {
        $words = @("$($bad[0])=$($bad[1])")
        # Without the other each would be refused before what is wrong with it is seen.
        if ($bad[0] -eq 'MANIFEST_FILE') { $words += 'PRODUCT=editor' }
        $done = Install-Agent $words
        if ($done.Code -eq 0) { [void](Invoke-Msi @('/x', "`"$Package`"", 'REMOVE_STATE=1')) }
        Assert ($done.Code -eq 1603) "$($bad[0])=$($bad[1]): exit $($done.Code)"
        Assert-NotInstalled
        Assert ($done.Log -match "Latchkey: .*$($bad[0])") "$($bad[0]): the log does not say why"
        Assert (-not ((Get-Sentences $done.Log).Contains('word@'))) 'a password is in the log''s sentence'
        $seen += Get-Sentences $done.Log
    }
    $seen
}
Show-Promise 'I-build' 'older Windows is refused with a sentence' 'CurrentBuild; msiexec /i PACKAGE /qn' 'before build 18362: exit 1603, the log says "needs Windows"' {
    $build = [int](Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion').CurrentBuild
    if ($build -ge 18362) { Skip-Row "this Windows is build $build; take Server 2019 or Windows 10 1809" }
    $done = Install-Agent
    Assert-Code 1603 $done
    Assert ($done.Log -match 'needs Windows') 'the log does not say why'
    "build $build; exit 1603"
}
Show-Promise 'R-install' 'a failed installation leaves nothing' 'a file in the place of the folder C:\ProgramData\Latchkey\state; msiexec /i PACKAGE /qn' `
    'exit 1603; no programs, no service, no PATH entry, no settings; the file is still there' {
    New-Item -ItemType Directory $Data | Out-Null
    [IO.File]::WriteAllText((Join-Path $Data 'state'), 'in the way')
    try {
        $done = Install-Agent @('ROLE=lab')
        Assert-Code 1603 $done
        Assert-NotInstalled
        Assert-Equal 'in the way' ([IO.File]::ReadAllText((Join-Path $Data 'state'))) 'what was there'
        Assert (-not (Test-Path $Settings)) 'settings are there'
        "exit $($done.Code); only: $(@(Get-ChildItem $Data | ForEach-Object { $_.Name }) -join ', ')"
    } finally { Remove-Item -Recurse -Force $Data }
}

Show-Promise 'P-odd' 'odd words arrive as they are' 'msiexec /i PACKAGE /qn LOCATION="Haus ""A"" [ROLE] {x} 100%PATH%"' `
    'exit 0; in agent.d\50-installer.toml: location = "Haus \"A\" [ROLE] {x} 100%PATH%"' {
    $done = Install-Agent @('LOCATION="Haus ""A"" [ROLE] {x} 100%PATH%"', 'ROLE=lab')
    $told = ''
    if (Test-Path $Settings) { $told = [IO.File]::ReadAllText($Settings) }
    $removed = Invoke-Msi @('/x', "`"$Package`"", 'REMOVE_STATE=1')
    Assert-Code 0 $done
    Assert-Code 0 $removed
    Assert ($told.Contains('location = "Haus \"A\" [ROLE] {x} 100%PATH%"')) "the settings are: $told"
    @($told -split "`r?`n" | Where-Object { $_ -match 'location' })
}

Show-Promise 'P-letters' 'paths and values in letters of any language work' 'the package in a folder with German, Russian and Japanese letters; LOCATION in them; latchkeyd check-config of a file there' `
    'exit 0, 0, 0; the value in agent.d\50-installer.toml as UTF-8; check-config names the file as it is' {
    $letters = 'Gr' + [char]0xF6 + [char]0xDF + 'e ' + [char]0x0416 + ' ' + [char]0x6771 + [char]0x4EAC
    $folder = Join-Path $Room $letters
    New-Item -ItemType Directory $folder | Out-Null
    Copy-Item $Package "$folder\agent.msi"
    [IO.File]::WriteAllText("$folder\agent.toml", "[agent]`nrole = `"lab`"`n")
    $done = Install-Agent @("LOCATION=`"$letters`"") "$folder\agent.msi"
    $told = ''
    if (Test-Path $Settings) { $told = [IO.File]::ReadAllText($Settings, [Text.Encoding]::UTF8) }
    $checked = $null
    if (Test-Path $Agent) { $checked = Invoke-Program $Agent @('check-config', '--config', "`"$folder\agent.toml`"") }
    $removed = Invoke-Msi @('/x', "`"$folder\agent.msi`"", 'REMOVE_STATE=1')
    Assert-Code 0 $done
    Assert-Code 0 $removed
    Assert ($told.Contains("location = `"$letters`"")) "the settings are: $told"
    Assert-Equal 0 $checked.Code "check-config ($($checked.Error))"
    Assert ($checked.Text.Contains("$folder\agent.toml is fine")) "check-config says: $($checked.Text)"
    $checked.Text
}

Show-Promise 'P-large' 'a CA file of 60 KiB arrives whole' 'msiexec /i PACKAGE /qn CA_FILE=FILE of many certificates' 'exit 0; C:\ProgramData\Latchkey\keyserver-ca.pem has the same hash' {
    $bundle = New-Object Text.StringBuilder
    $roots = @(Get-ChildItem Cert:\LocalMachine\Root)
    $at = 0
    while ($bundle.Length -lt 60000) {
        [void]$bundle.Append("-----BEGIN CERTIFICATE-----`n$([Convert]::ToBase64String($roots[$at % $roots.Count].RawData, 'InsertLineBreaks') -replace "`r", '')`n-----END CERTIFICATE-----`n")
        $at++
    }
    [IO.File]::WriteAllText("$Room\large.pem", $bundle.ToString())
    $done = Install-Agent @("CA_FILE=$Room\large.pem")
    $laid = ''
    if (Test-Path "$Data\keyserver-ca.pem") { $laid = (Get-FileHash "$Data\keyserver-ca.pem").Hash }
    $removed = Invoke-Msi @('/x', "`"$Package`"", 'REMOVE_STATE=1')
    Assert-Code 0 $done
    Assert-Code 0 $removed
    Assert-Equal (Get-FileHash "$Room\large.pem").Hash $laid 'the hash'
    "$($bundle.Length) bytes, $at certificates"
}

$told = @()
if ($activates) {
    $told += "KEYSERVER_URL=$KeyServerUrl", "PRODUCT=$Product", "KEY_FILE=`"$KeyFile`"", 'WHEN_COUNTED=proceed'
    if ($CaFile) { $told += "CA_FILE=`"$CaFile`"" }
    if ($ManifestFile) { $told += "MANIFEST_FILE=`"$ManifestFile`"" }
}
Show-Promise 'I-system' 'installs as the system, without a window, as deployment tools do' 'as SYSTEM: msiexec /i PACKAGE /qn ...' 'exit 0; the service runs and answers' {
    Copy-Item $Package "$Room\package.msi"
    $done = Invoke-AsTask 'S-1-5-18' ("start `"`" /wait msiexec.exe /i $Room\package.msi /qn " + ($told -join ' '))
    Assert ($done.Code -eq 0) "exit $($done.Code)"
    Assert (Test-Running) 'the service does not run'
    "exit 0; answers after $(Wait-ForAnswers) s"
}
Show-Promise 'I-version' 'every program bears the version of the package' '(Get-Item *.exe).VersionInfo.FileVersion' "3 programs, $Version.0" {
    $files = @(Get-ChildItem $Programs -Filter *.exe)
    Assert-Equal 3 $files.Count 'programs'
    foreach ($file in $files) { Assert-Equal "$Version.0" $file.VersionInfo.FileVersion $file.Name }
    $files | ForEach-Object { "$($_.Name) $($_.VersionInfo.FileVersion)" }
}
Show-Promise 'I-list' 'it is in the list of programs once, with its version' 'HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall' "Latchkey agent $Version, once" {
    $listed = @(Get-ItemProperty 'HKLM:\Software\Microsoft\Windows\CurrentVersion\Uninstall\*' | Where-Object { $_.PSObject.Properties['DisplayName'] -and $_.DisplayName -eq 'Latchkey agent' })
    Assert-Equal 1 $listed.Count 'entries'
    Assert-Equal $Version $listed[0].DisplayVersion 'the version'
    "$($listed[0].DisplayName) $($listed[0].DisplayVersion) $($listed[0].PSChildName)"
}
Show-Promise 'I-path' 'the command line is found through PATH' 'in a new process: latchkey version' "exit 0, $Version" {
    $done = Invoke-AsTask 'S-1-5-18' 'latchkey version'
    Assert ($done.Code -eq 0 -and $done.Text.Contains($Version)) "exit $($done.Code): $($done.Text)$($done.Error)"
    "exit 0: $($done.Text)"
}
if ($Signed) {
    Show-Promise 'I-signed' 'programs and package are signed' 'Get-AuthenticodeSignature' 'Valid, four times' {
        $files = @(Get-ChildItem $Programs -Filter *.exe) + @(Get-Item $Package)
        Assert-Equal 4 $files.Count 'files'
        foreach ($file in $files) { Assert-Equal 'Valid' (Get-AuthenticodeSignature $file.FullName).Status $file.Name }
        $files | ForEach-Object { "$($_.Name): Valid" }
    }
}
