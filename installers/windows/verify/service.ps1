# The service under Windows' service manager, and what it tells the Event Log.

$ServiceKey = 'HKLM:\SYSTEM\CurrentControlSet\Services\Latchkey'

# Of the tools' answers only the numbers are the same in every language; so what is judged is where the manager keeps them.
function Get-ServiceValue([string]$Name) {
    $all = Get-ItemProperty $ServiceKey
    if (-not $all.PSObject.Properties[$Name]) { throw "$ServiceKey has no $Name" }
    return $all.$Name
}

Show-Promise 'S-account' 'the service has an account of its own, and its process runs as that' 'sc.exe qc Latchkey; the owner of the process latchkeyd.exe' "NT SERVICE\Latchkey, Auto; $ServiceSid" {
    $service = Get-Agent
    Assert ($service.StartName -eq 'NT SERVICE\Latchkey' -and $service.StartMode -eq 'Auto') "$($service.StartName), $($service.StartMode)"
    $owner = (Get-CimInstance Win32_Process -Filter "ProcessId=$($service.ProcessId)" | Invoke-CimMethod -MethodName GetOwnerSid).Sid
    Assert-Equal $ServiceSid $owner 'the owner of the process'
    "$($service.StartName), $($service.StartMode), $owner"
}
Show-Promise 'S-sid' 'its own name counts in access lists' 'sc.exe qsidtype Latchkey' '1 (unrestricted)' {
    Assert-Equal 1 (Get-ServiceValue 'ServiceSidType') 'ServiceSidType'
    & sc.exe qsidtype Latchkey
}
Show-Promise 'S-rights' 'it has the least privileges' 'sc.exe qprivs Latchkey' 'SeChangeNotifyPrivilege and no other' {
    Assert-Equal 'SeChangeNotifyPrivilege' (@(Get-ServiceValue 'RequiredPrivileges') -join ', ') 'RequiredPrivileges'
    $said = (& sc.exe qprivs Latchkey | Out-String)
    $named = @([regex]::Matches($said, 'Se\w+Privilege') | ForEach-Object { $_.Value } | Sort-Object -Unique)
    Assert-Equal 'SeChangeNotifyPrivilege' ($named -join ', ') 'what the manager says'
    $named
}
Show-Promise 'S-preshutdown' 'at shutdown it has time to stop' 'sc.exe qpreshutdown Latchkey' '20000 ms' {
    Assert-Equal 20000 (Get-ServiceValue 'PreshutdownTimeout') 'PreshutdownTimeout'
    & sc.exe qpreshutdown Latchkey
}
Show-Promise 'S-actions' 'it is started again after failures, ends with an error included, and a day without forgets them' 'sc.exe qfailure Latchkey; sc.exe qfailureflag Latchkey' `
    '86400 s; restarts after 5000, 30000, 300000 ms; also for ends with an error' {
    $bytes = [byte[]](Get-ServiceValue 'FailureActions')
    Assert-Equal 86400 ([BitConverter]::ToUInt32($bytes, 0)) 'seconds until failures are forgotten'
    Assert-Equal 3 ([BitConverter]::ToUInt32($bytes, 12)) 'actions'
    $delays = @()
    foreach ($at in 20, 28, 36) {
        Assert-Equal 1 ([BitConverter]::ToUInt32($bytes, $at)) 'the kind of action (1 is to start again)'
        $delays += [BitConverter]::ToUInt32($bytes, $at + 4)
    }
    Assert-Equal '5000, 30000, 300000' ($delays -join ', ') 'delays'
    Assert-Equal 1 (Get-ServiceValue 'FailureActionsOnNonCrashFailures') 'the flag for ends with an error'
    "86400 s; $($delays -join ', ') ms; flag 1"
}
Show-Promise 'S-stop' 'it stops within its deadline, as asked for' 'sc.exe stop Latchkey' 'STOPPED within 20 s with exit code 0; the process is gone; 10 s later nobody has started it again' {
    $began = (Get-Date).AddSeconds(-1)
    & sc.exe stop Latchkey | Out-Null
    $seconds = Wait-Until { Test-Stopped } 20 'the service stops'
    Assert-Equal 0 (Get-Agent).ExitCode 'exit code'
    [void](Wait-Until { $null -eq (Get-Process latchkeyd -ErrorAction SilentlyContinue) } 5 'the process is gone')
    Start-Sleep -Seconds 10
    Assert (Test-Stopped) "then it is $((Get-Agent).State)"
    $told = @(Get-AgentEvents $began | Where-Object { $_.Properties.Count -gt 0 -and $_.Properties[0].Value -eq 'stopping' })
    Assert ($told.Count -eq 1) "$($told.Count) events say 'stopping'"
    "STOPPED after $seconds s, exit code 0, event $($told[0].Id) 'stopping'"
}
Show-Promise 'S-start' 'it runs soon after it was told to, and answers' 'sc.exe start Latchkey' 'RUNNING within 10 s, an answer within 60 s; the seconds are shown' {
    $service = Get-Service Latchkey
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $service.Start()
    $service.WaitForStatus('Running', [timespan]::FromSeconds(10))
    $running = [math]::Round($watch.Elapsed.TotalSeconds, 2)
    [void](Wait-ForAnswers)
    "RUNNING after $running s, answers after $([math]::Round($watch.Elapsed.TotalSeconds, 2)) s"
}
Show-Promise 'S-reload' 'paramchange reads configuration and manifests again' 'sc.exe control Latchkey paramchange' 'exit 0; an event says that they were read again; the same process' {
    $before = (Get-Agent).ProcessId
    $began = (Get-Date).AddSeconds(-1)
    & sc.exe control Latchkey paramchange | Out-Null
    Assert-Equal 0 $LASTEXITCODE 'exit code of sc.exe'
    $seconds = Wait-Until { @(Get-AgentEvents $began | Where-Object { $_.Properties[0].Value -match 'were read again' }).Count -gt 0 } 30 'an event says so'
    Assert-Equal $before (Get-Agent).ProcessId 'the process'
    "after $seconds s, process $before"
}
# The delay counts the failures of the last day, and A-squat has made some.
Show-Promise 'S-killed' 'Windows itself starts it again when it was killed' 'taskkill /f /im latchkeyd.exe' `
    'another process, which answers, after the delay of S-actions: 5 s for the first failure of the day, 30 s for the second, 300 s for each after it' {
    $before = (Get-Agent).ProcessId
    & taskkill.exe /f /pid $before | Out-Null
    Assert-Equal 0 $LASTEXITCODE 'exit code of taskkill.exe'
    $seconds = Wait-Until { $now = Get-Agent; $now.State -eq 'Running' -and $now.ProcessId -ne $before } 330 'another process'
    [void](Wait-ForAnswers)
    "process $before, after $seconds s process $((Get-Agent).ProcessId)"
}
Show-Promise 'S-bad' 'with a bad configuration it ends, and says where the mistake is' 'an unknown key in agent.d\99-bad.toml; start the service' `
    'STOPPED with 1066 and 78; an error in the Event Log names file, line 2 and the key; without the file it runs again' {
    $file = Join-Path $Data 'agent.d\99-bad.toml'
    $began = (Get-Date).AddSeconds(-1)
    Stop-Service Latchkey
    [IO.File]::WriteAllText($file, "[agent]`nnonsense = 1`n")
    try {
        & sc.exe start Latchkey | Out-Null
        [void](Wait-Until { (Test-Stopped) -and (Get-Agent).ExitCode -ne 0 } 30 'the service ends')
        $service = Get-Agent
    } finally {
        Remove-Item $file
        Restart-Agent
    }
    Assert-Equal '1066, 78' "$($service.ExitCode), $($service.ServiceSpecificExitCode)" 'exit codes'
    $why = @(Get-AgentEvents $began | Where-Object { $_.Level -eq 2 -and $_.Message -match '99-bad\.toml:2' -and $_.Message -match 'nonsense' })
    Assert ($why.Count -gt 0) 'no error in the Event Log names file, line and key'
    "1066, 78; event $($why[0].Id): $($why[0].Properties[0].Value)"
}
Show-Promise 'S-events' 'the Event Log shows sentences, by the documented numbers and levels' 'Get-WinEvent -ProviderName Latchkey, all since this script began' `
    'starts, ready and stopping among them; each with a number of docs/windows.md, that number''s level, and its text in the message' {
    $known = 1, 2, 3, 4, 5, 10 + (100..109) + (200..211) + (300..304)
    $all = Get-AgentEvents $ScriptBegan
    foreach ($word in ' starts as ', '^ready: ', '^stopping$') {
        Assert (@($all | Where-Object { $_.Id -eq 4 -and $_.Properties[0].Value -match $word }).Count -gt 0) "no event 4 with '$word'"
    }
    foreach ($one in $all) {
        Assert ($known -contains $one.Id) "event $($one.Id) is not documented"
        # 2 error, 3 warning, 4 information
        $level = 4
        if ($one.Id -le 2 -or $one.Id -ge 300) { $level = 2 } elseif ($one.Id -eq 3 -or ($one.Id -ge 200 -and $one.Id -lt 300)) { $level = 3 }
        if ($one.Id -ne 10 -and $one.Id -lt 100) { Assert-Equal $level $one.Level "the level of event $($one.Id)" }
        if ($one.Id -ge 200) { Assert ($one.Level -le $level) "the level of event $($one.Id): $($one.Level)" }
        Assert ($one.Message -and $one.Message.Contains($one.Properties[0].Value)) "event $($one.Id): the message is '$($one.Message)'"
    }
    $all | Group-Object Id | Sort-Object { [int]$_.Name } | ForEach-Object { "event $($_.Name), $($_.Count) times: $($_.Group[0].Properties[0].Value)" }
}
Show-Promise 'S-figures' 'what a question costs is shown' '20 times each: latchkey status --json; cmd /c exit' 'exit 0 each; the medians are shown' {
    $asked = @()
    $bare = @()
    foreach ($round in 1..20) {
        $asked += (Measure-Command { if ((Invoke-Program $Latchkey @('status', '--json')).Code -ne 0) { throw 'latchkey status does not exit 0' } }).TotalMilliseconds
        $bare += (Measure-Command { [void](Invoke-Program $Shell @('/d', '/c', 'exit')) }).TotalMilliseconds
    }
    "status $([math]::Round(($asked | Sort-Object)[10])) ms, a program that does nothing $([math]::Round(($bare | Sort-Object)[10])) ms"
}
if ($Sleep) {
    Show-Promise 'E-resume' 'time that the machine slept counts, and the agent works on' 'sleep; a timer wakes the machine after 2 minutes; latchkey status --json: agent.now' `
        'Windows noted that it slept; the same process; agent.now within 5 s of the clock' {
        $before = (Get-Agent).ProcessId
        $began = Get-Date
        $at = $began.AddMinutes(2)
        $settings = New-ScheduledTaskSettingsSet -WakeToRun -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
        Register-ScheduledTask -TaskName 'latchkey-wake' -Action (New-ScheduledTaskAction -Execute $Shell -Argument '/d /c exit') -Trigger (New-ScheduledTaskTrigger -Once -At $at) `
            -Principal (New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount) -Settings $settings -Force | Out-Null
        try {
            [void][LatchkeyVerify.Native]::SetSuspendState($false, $false, $false)
            [void](Wait-Until { (Get-Date) -gt $at.AddSeconds(20) } 900 'the machine is awake again')
        } finally { Unregister-ScheduledTask -TaskName 'latchkey-wake' -Confirm:$false }
        $woke = @(Get-WinEvent -FilterHashtable @{ LogName = 'System'; ProviderName = 'Microsoft-Windows-Power-Troubleshooter'; Id = 1; StartTime = $began } -ErrorAction SilentlyContinue)
        if ($woke.Count -eq 0) { Skip-Row 'Windows did not sleep: see powercfg /a' }
        [void](Wait-ForAnswers)
        Assert-Equal $before (Get-Agent).ProcessId 'the process'
        $off = [math]::Abs((([datetimeoffset]::Parse((Get-Status).agent.now, [Globalization.CultureInfo]::InvariantCulture)).UtcDateTime - (Get-Date).ToUniversalTime()).TotalSeconds)
        Assert ($off -le 5) "agent.now is $off s off"
        "slept; process $before; agent.now $off s off"
    }
}
