# Who may change, read and ask: access lists of files and pipe, and what a standard user gets when he tries.

$judged = @(
    @('A-programs', $Programs, $false), @('A-data', $Data, $false), @('A-state', (Join-Path $Data 'state'), $true),
    @('A-anchor', (Join-Path $Data 'anchor'), $true), @('A-inbox', (Join-Path $Data 'inbox'), $true)
)
foreach ($one in $judged) {
    $folder = $one[1]
    $reading = $one[2]
    $what = 'changes'
    if ($reading) { $what = 'reads or changes' }
    Show-Promise $one[0] "nobody but the system, administrators and the service $what what is in $folder" "icacls `"$folder`" /t" 'no right for anybody else, no other owner, down to the last file' {
        $found = @() + (Get-StrangersBelow $folder)
        if ($reading) { $found += (Get-StrangersBelow $folder -Reading) }
        Assert ($found.Count -eq 0) ($found -join ', ')
        "$(@(Get-ChildItem -LiteralPath $folder -Recurse -Force).Count) files and folders below; $((Get-Acl $folder).Sddl)"
    }
}
Show-Promise 'A-visitor' 'a standard user can change nothing, and reads settings, not state' 'as a standard user: copy NUL into each folder; dir state, anchor, inbox; type agent.toml' `
    'refused (not 0) for each but the last, which is 0; no file is there' {
    $seen = @()
    foreach ($folder in $Programs, $Data, "$Data\agent.d", "$Data\products.d", "$Data\state", "$Data\inbox") {
        $tried = Invoke-AsVisitor "copy /y NUL `"$folder\visitor.txt`""
        Assert ($tried.Code -ne 0 -and -not (Test-Path "$folder\visitor.txt")) "a standard user writes into $folder"
        $seen += "write $folder`: $($tried.Code)"
    }
    foreach ($name in 'state', 'anchor', 'inbox') {
        $tried = Invoke-AsVisitor "dir `"$Data\$name`""
        Assert ($tried.Code -ne 0) "a standard user lists $name"
        $seen += "list $name`: $($tried.Code)"
    }
    $read = Invoke-AsVisitor "type `"$Data\agent.toml`""
    Assert-Equal 0 $read.Code 'reading agent.toml'
    $seen + 'read agent.toml: 0'
}

# What a client opens it with (platform/endpoint/pipe_windows.h): reading, writing, and no instance of its own.
$clientAccess = [uint32]0x12008b
Show-Promise 'A-pipe' 'the pipe refuses clients of the network' '\\COMPUTERNAME\pipe\latchkey-agent, beside a pipe that takes them' `
    'the other pipe opens from the network; the agent''s opens here (0) and not from there' {
    $other = 'latchkey-verify-' + [guid]::NewGuid().ToString('N')
    $server = New-Object IO.Pipes.NamedPipeServerStream($other, [IO.Pipes.PipeDirection]::InOut)
    try {
        $control = [LatchkeyVerify.Native]::Open("\\$env:COMPUTERNAME\pipe\$other", $clientAccess)
    } finally { $server.Dispose() }
    if ($control -ne 0) { Skip-Row "no pipe of this machine can be reached by its network name (error $control): file sharing is off" }
    $here = [LatchkeyVerify.Native]::Open('\\.\pipe\latchkey-agent', $clientAccess)
    Assert-Equal 0 $here 'opening the agent''s pipe on this machine'
    $there = [LatchkeyVerify.Native]::Open("\\$env:COMPUTERNAME\pipe\latchkey-agent", $clientAccess)
    Assert ($there -ne 0) 'it was opened through the network'
    "here 0; a pipe without that rule, from the network: $control; the agent's: error $there"
}
Show-Promise 'A-squat' 'a user''s program that sits on the pipe is not taken for the agent' 'service stopped; as a standard user: a server on \\.\pipe\latchkey-agent; latchkey status; start the service' `
    'status exits 77, not_permitted, and shows nothing of the answer; the service ends with 1066 and names who sits there; afterwards it runs' {
    [IO.File]::WriteAllText("$Room\squat.ps1", @'
$pipe = New-Object IO.Pipes.NamedPipeServerStream('latchkey-agent', [IO.Pipes.PipeDirection]::InOut, 10)
[IO.File]::WriteAllText((Join-Path $PSScriptRoot 'sitting'), '')
$body = '{"schema_version":"1.0","squatter":"was here"}'
$answer = [Text.Encoding]::ASCII.GetBytes("HTTP/1.1 200 OK`r`nContent-Type: application/json`r`nContent-Length: $($body.Length)`r`n`r`n$body")
while ($true) {
    $pipe.WaitForConnection()
    try { $pipe.Write($answer, 0, $answer.Length) } catch { }
    $pipe.Disconnect()
}
'@)
    Stop-Service Latchkey
    $began = (Get-Date).AddSeconds(-1)
    $squatter = Start-AsVisitor "/d /c powershell.exe -NoProfile -ExecutionPolicy Bypass -File $Room\squat.ps1"
    try {
        [void](Wait-Until { Test-Path "$Room\sitting" } 60 'somebody sits on the pipe')
        $said = Invoke-Program $Latchkey @('status', '--json')
        Assert (-not $said.Text.Contains('was here')) "the answer was believed: $($said.Text)"
        Assert ($said.Code -eq 77 -and $said.Text -match '"not_permitted"') "exit $($said.Code): $($said.Text)"
        & sc.exe start Latchkey | Out-Null
        [void](Wait-Until { (Test-Stopped) -and (Get-Agent).ExitCode -eq 1066 } 30 'the service ends')
        $why = @(Get-AgentEvents $began | Where-Object { $_.Properties.Count -gt 0 -and $_.Properties[0].Value -match 'is served by' })
        Assert ($why.Count -gt 0) 'the Event Log does not say why'
        Assert ($why[0].Properties[0].Value -match 'powershell\.exe') "who it is, is not said: $($why[0].Properties[0].Value)"
    } finally {
        & taskkill.exe /f /t /pid $squatter.Id | Out-Null
        Restart-Agent
    }
    "exit 77; ended with 1066 ($($why[0].Properties[0].Value)); runs again"
}
Show-Promise 'A-reading' 'everybody may ask for the status' 'as a standard user: latchkey status --json' 'exit 0 and products' {
    $done = Invoke-AsVisitor "`"$Latchkey`" status --json"
    Assert ($done.Code -eq 0 -and $done.Text -match '"products"') "exit $($done.Code): $($done.Text)$($done.Error)"
    "exit $($done.Code)"
}
Show-Promise 'A-changing' 'nobody but administrators may change something' 'as a standard user, as LOCAL SERVICE: latchkey reload --json' 'exit 77: not_permitted, twice' {
    $line = "`"$Latchkey`" reload --json"
    foreach ($done in (Invoke-AsVisitor $line), (Invoke-AsTask 'S-1-5-19' $line)) {
        Assert ($done.Code -eq 77 -and $done.Text -match '"not_permitted"') "exit $($done.Code): $($done.Text)$($done.Error)"
    }
    'exit 77, twice'
}
Show-Promise 'A-group' 'a member of latchkey-admin may' 'net localgroup latchkey-admin USER /add; as that user: latchkey reload --json' 'exit 0' {
    Add-LocalGroupMember -Group 'latchkey-admin' -Member $VisitorName
    try {
        $done = Invoke-AsVisitor "`"$Latchkey`" reload --json"
    } finally { Remove-LocalGroupMember -Group 'latchkey-admin' -Member $VisitorName }
    Assert ($done.Code -eq 0) "exit $($done.Code): $($done.Text)$($done.Error)"
    "exit $($done.Code)"
}
Show-Promise 'A-control' 'a standard user cannot stop or reconfigure the service' 'as a standard user: sc stop Latchkey; sc config Latchkey start= disabled' 'exit 5, twice; it runs' {
    $stopped = Invoke-AsVisitor 'sc.exe stop Latchkey'
    $changed = Invoke-AsVisitor 'sc.exe config Latchkey start= disabled'
    Assert ($stopped.Code -eq 5 -and $changed.Code -eq 5) "exit $($stopped.Code), $($changed.Code): $($stopped.Text)$($changed.Text)"
    Assert (Test-Running) 'the service does not run'
    'exit 5, 5; it runs'
}
