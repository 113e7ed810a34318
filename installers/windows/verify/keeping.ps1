# Repair, upgrade, removal: what is kept and what goes.

# Who has read the agent's events holds the file with their texts, latchkeyd.exe, until the reader is collected; Windows Installer would find
# it in use.
[GC]::Collect()
[GC]::WaitForPendingFinalizers()

Show-Promise 'M-repair' 'repair brings back a program' 'remove latchkey.exe; msiexec /fa PACKAGE /qn' 'exit 0; it is back; the service runs' {
    Remove-Item $Latchkey
    $done = Invoke-Msi @('/fa', "`"$Package`"")
    Assert-Code 0 $done
    Assert (Test-Path $Latchkey) 'it is not back'
    "exit 0; answers after $(Wait-ForAnswers) s"
}
Show-Promise 'M-service' 'repair gives the service its account and start back, and leaves one alone that an administrator disabled' `
    'sc.exe config Latchkey obj= LocalSystem start= demand; msiexec /fa PACKAGE /qn; sc.exe config Latchkey start= disabled; msiexec /fa PACKAGE /qn' `
    'exit 0, twice; NT SERVICE\Latchkey, Auto, it answers; then Disabled, and it does not run' {
    & sc.exe config Latchkey obj= LocalSystem start= demand | Out-Null
    Assert-Equal 'LocalSystem, Manual' "$((Get-Agent).StartName), $((Get-Agent).StartMode)" 'what sc.exe made of it'
    Assert-Code 0 (Invoke-Msi @('/fa', "`"$Package`""))
    $service = Get-Agent
    Assert-Equal 'NT SERVICE\Latchkey, Auto' "$($service.StartName), $($service.StartMode)" 'the service'
    $seconds = Wait-ForAnswers
    & sc.exe config Latchkey start= disabled | Out-Null
    try {
        Assert-Code 0 (Invoke-Msi @('/fa', "`"$Package`""))
        $service = Get-Agent
        Assert-Equal 'Disabled, Stopped' "$($service.StartMode), $($service.State)" 'the service that was disabled'
    } finally {
        & sc.exe config Latchkey start= auto | Out-Null
        Restart-Agent
    }
    "exit 0, twice; answers after $seconds s as NT SERVICE\Latchkey; Disabled, Stopped"
}
Show-Promise 'M-visitor' 'a repair that a standard user asks for takes no settings and breaks nothing' 'as a standard user: msiexec /fa PRODUCT-CODE /qn KEYSERVER_URL=https://evil.example.org ROLE=lab' `
    'not 0; no file below C:\ProgramData\Latchkey holds the address; settings byte for byte as before; the service runs' {
    $files = @(Get-ChildItem $Data -Recurse -File -Filter *.toml)
    $before = @($files | ForEach-Object { (Get-FileHash $_.FullName).Hash }) -join ' '
    $done = Invoke-AsVisitor "start `"`" /wait msiexec.exe /fa $ProductCode /qn KEYSERVER_URL=https://evil.example.org ROLE=lab"
    $now = @(Get-ChildItem $Data -Recurse -File -Filter *.toml)
    Assert (@($now | Where-Object { [IO.File]::ReadAllText($_.FullName).Contains('evil.example.org') }).Count -eq 0) 'a standard user set the key server'
    Assert-Equal $before (@($now | ForEach-Object { (Get-FileHash $_.FullName).Hash }) -join ' ') 'the settings'
    Assert ($done.Code -ne 0) 'exit 0: a repair with properties was done'
    [void](Wait-ForAnswers)
    "exit $($done.Code); $($now.Count) files as before"
}
if ($OtherPackage) {
    Show-Promise 'M-other' 'another package of the same version is refused' 'msiexec /i OTHER /qn' 'exit 1638; the first one answers' {
        Assert-Code 1638 (Install-Agent @() $OtherPackage)
        Assert-Equal $Version (Get-Status).agent.version 'the version that answers'
        'exit 1638'
    }
}
if ($NewerPackage) {
    Show-Promise 'M-rollback' 'an upgrade that fails brings back the former version, its settings and its service' 'a folder in the place of keyserver-ca.pem; msiexec /i NEWER /qn CA_FILE=...' `
        "exit 1603; $Version answers, with the same machine id and settings; no *.before, no key is left" {
        $place = Join-Path $Data 'keyserver-ca.pem'
        $aside = Join-Path $Room 'keyserver-ca.pem'
        if (Test-Path $place) { Move-Item $place $aside }
        $before = (Get-Status).machine.id
        $told = ''
        if (Test-Path $Settings) { $told = [IO.File]::ReadAllText($Settings) }
        New-Item -ItemType Directory $place | Out-Null
        try {
            $done = Install-Agent @("CA_FILE=$(New-Authority)", 'ROLE=lab') $NewerPackage
        } finally {
            Remove-Item -Recurse -Force $place
            if (Test-Path $aside) { Move-Item $aside $place }
        }
        Assert-Code 1603 $done
        if (-not (Test-Running)) { Start-Service Latchkey }
        [void](Wait-ForAnswers)
        $now = Get-Status
        Assert-Equal "$Version, $before" "$($now.agent.version), $($now.machine.id)" 'version and machine id'
        $kept = ''
        if (Test-Path $Settings) { $kept = [IO.File]::ReadAllText($Settings) }
        Assert-Equal $told $kept 'the settings'
        $left = @(Get-ChildItem $Data -Recurse -Force | Where-Object { $_.Name -match '\.(before|none|key)$' -and $_.DirectoryName -notmatch '\\(state|anchor)$' })
        Assert ($left.Count -eq 0) "left: $(@($left | ForEach-Object { $_.FullName }) -join ', ')"
        "exit 1603; $($now.agent.version), $($now.machine.id)"
    }
    Show-Promise 'M-upgrade' 'an upgrade needs no restart and keeps state' 'msiexec /i NEWER /qn while the service runs' 'exit 0 and nothing left for a restart; same machine; newer version; every product as before' {
        $before = Get-Status
        $done = Install-Agent @() $NewerPackage
        Assert-Code 0 $done
        $pending = Get-PendingRenames
        Assert ($pending.Count -eq 0) "left for a restart: $($pending -join ', ')"
        [void](Wait-ForAnswers)
        $now = Get-Status
        Assert-Equal "$NewerVersion, $($before.machine.id)" "$($now.agent.version), $($now.machine.id)" 'version and machine id'
        Assert-Equal (@($before.products | ForEach-Object { "$($_.id) $($_.state)" }) -join ', ') (@($now.products | ForEach-Object { "$($_.id) $($_.state)" }) -join ', ') 'products'
        "exit 0; $($now.agent.version), $($now.machine.id)"
    }
    Show-Promise 'M-downgrade' 'a downgrade is refused with a sentence' 'msiexec /i PACKAGE /qn' "exit 1603; `"A newer version`" in the log; $NewerVersion answers" {
        $done = Install-Agent
        Assert-Code 1603 $done
        Assert ($done.Log -match 'A newer version') 'the log does not say why'
        Assert-Equal $NewerVersion (Get-Status).agent.version 'the version that answers'
        'exit 1603'
    }
}
$installed = $Package
if ($NewerPackage) { $installed = $NewerPackage }
Show-Promise 'M-uninstall' 'removing it keeps state and settings' 'msiexec /x PACKAGE /qn; /i again' 'exit 0; no programs, service, PATH entry, event source, nothing left for a restart; state is there; installed again it is the same machine' {
    $before = (Get-Status).machine.id
    $done = Invoke-Msi @('/x', "`"$installed`"")
    Assert-Code 0 $done
    Assert-NotInstalled
    Assert (-not (Test-Path 'HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Application\Latchkey')) 'the event source is there'
    Assert ((Get-PendingRenames).Count -eq 0) 'something is left for a restart'
    $kept = @(Get-ChildItem (Join-Path $Data 'state') -Force)
    Assert ($kept.Count -gt 0) 'the state is gone'
    Assert-Code 0 (Install-Agent)
    [void](Wait-ForAnswers)
    Assert-Equal $before (Get-Status).machine.id 'the machine id, installed again'
    "$($kept.Count) files kept; $before"
}
if ($NewerPackage) {
    Show-Promise 'M-inuse' 'an upgrade while somebody''s latchkey runs never restarts the machine and says whether a restart is needed' 'latchkey status --watch in a window; msiexec /i NEWER /qn' `
        'exit 0, and nothing left for a restart; or 3010, and something left for it; newer version answers' {
        $open = Start-Process -FilePath $Latchkey -ArgumentList 'status', '--watch' -PassThru
        try {
            Start-Sleep -Seconds 3
            Assert (-not $open.HasExited) "latchkey status --watch has ended with $($open.ExitCode), so nothing was in use"
            $done = Install-Agent @() $NewerPackage
        } finally {
            if (-not $open.HasExited) { Stop-Process -Id $open.Id -Force }
        }
        $pending = Get-PendingRenames
        $seen = "exit $($done.Code), $($pending.Count) entries for a restart"
        Assert (($done.Code -eq 0 -and $pending.Count -eq 0) -or ($done.Code -eq 3010 -and $pending.Count -gt 0)) $seen
        [void](Wait-ForAnswers)
        Assert-Equal $NewerVersion (Get-Status).agent.version 'the version that answers'
        $seen
    }
}
Show-Promise 'M-held' 'removing the state fails as a whole where something stays' 'agent.toml held open by another program; msiexec /x PACKAGE /qn REMOVE_STATE=1' 'exit 1603, the log names agent.toml; the product is still listed, its service runs again' {
    $held = [IO.File]::Open("$Data\agent.toml", 'Open', 'Read', 'None')
    try {
        $done = Invoke-Msi @('/x', "`"$installed`"", 'REMOVE_STATE=1')
    } finally { $held.Dispose() }
    Assert-Code 1603 $done
    Assert ($done.Log -match 'Latchkey: .*agent\.toml') 'the log does not name it'
    if (-not (Test-Running)) { Start-Service Latchkey }
    "exit 1603; $(Get-Sentences $done.Log); answers after $(Wait-ForAnswers) s"
}
Show-Promise 'M-link' 'removing the state follows no junction' 'mklink /J C:\ProgramData\Latchkey\state\x FOLDER; msiexec /x PACKAGE /qn REMOVE_STATE=1; /i again' 'exit 0; C:\ProgramData\Latchkey is gone; what is in FOLDER is there' {
    & $Shell /d /c "mklink /J `"$Data\state\x`" $Elsewhere" | Out-Null
    Assert (Test-Path "$Data\state\x\theirs") 'the junction was not made'
    $done = Invoke-Msi @('/x', "`"$installed`"", 'REMOVE_STATE=1')
    Assert-Code 0 $done
    Assert (-not (Test-Path $Data)) 'the folder is there'
    Assert (Test-Path "$Elsewhere\theirs") 'what the junction leads to is gone'
    Assert-Code 0 (Install-Agent @() $installed)
    "exit 0; answers after $(Wait-ForAnswers) s"
}
Show-Promise 'M-erase' 'REMOVE_STATE=1 removes state and settings, too' 'msiexec /x PACKAGE /qn REMOVE_STATE=1' 'exit 0; no C:\ProgramData\Latchkey, no group latchkey-admin, no programs' {
    $done = Invoke-Msi @('/x', "`"$installed`"", 'REMOVE_STATE=1')
    Assert-Code 0 $done
    Assert-NotInstalled
    Assert (-not (Test-Path $Data)) 'the folder is there'
    Assert ($null -eq (Get-LocalGroup latchkey-admin -ErrorAction SilentlyContinue)) 'the group is there'
    'exit 0; nothing left'
}
