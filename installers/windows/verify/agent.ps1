# What the agent sees of the machine, keeps secret, and is told by policy.

# "kind slot" -> value, or the state of what is not there to read.
function Get-Facts([string]$Text, [string]$Who) {
    if (-not $Text.TrimStart().StartsWith('{')) { throw "latchkey hwid capture as $Who says: $Text" }
    $facts = @{}
    foreach ($one in ($Text | ConvertFrom-Json).components) {
        $slot = ''
        if ($one.PSObject.Properties['slot']) { $slot = $one.slot }
        $value = $one.value
        if ($one.PSObject.Properties['state'] -and $one.state -ne 'present') { $value = "($($one.state))" }
        $facts["$($one.kind) $slot".Trim()] = $value
    }
    return $facts
}

function Get-Values([hashtable]$Facts, [string]$Kind) {
    return @($Facts.Keys | Where-Object { $_ -match "^$Kind( |`$)" } | ForEach-Object { Get-Plain $Facts[$_] })
}

function Get-Plain([string]$Text) { return ($Text -replace '[^0-9A-Za-z]', '').ToUpperInvariant() }

$capture = "`"$Latchkey`" hwid capture"
Show-Promise 'H-facts' 'the service''s account reads every fact that an administrator reads, and so does a standard user, the generation id of a virtual machine excepted' `
    'latchkey hwid capture: elevated, as a service of the same kind, as a standard user' 'the table below: the same facts and values for all three; only vm_generation_id may be denied' {
    $views = [ordered]@{
        'administrator' = Get-Facts (Invoke-Program $Latchkey @('hwid', 'capture')).Text 'administrator'
        'service'       = Get-Facts (Invoke-AsTwin $capture).Text 'a service'
        'standard user' = Get-Facts (Invoke-AsVisitor $capture).Text 'a standard user'
    }
    $names = @($views.Values | ForEach-Object { $_.Keys } | Sort-Object -Unique)
    $lines = @('{0,-28} {1,-14} {2,-14} {3}' -f 'fact', 'administrator', 'service', 'standard user')
    $worse = @()
    foreach ($name in $names) {
        $cells = @()
        foreach ($who in $views.Keys) {
            $value = '(no such fact)'
            if ($views[$who].ContainsKey($name)) { $value = [string]$views[$who][$name] }
            $cells += $value
        }
        # Values are the machine's identity: whether they are the same is what is told.
        $words = @($cells | ForEach-Object { if ($_.StartsWith('(')) { $_ } elseif ($_ -ceq $cells[0]) { 'read' } else { 'another value' } })
        $lines += '{0,-28} {1,-14} {2,-14} {3}' -f $name, $words[0], $words[1], $words[2]
        if ($name -notmatch '^vm_generation_id' -and ($cells[1] -cne $cells[0] -or $cells[2] -cne $cells[0])) { $worse += $name }
    }
    Assert ($names.Count -ge 10) "only $($names.Count) facts: $($names -join ', ')"
    Assert ($worse.Count -eq 0) ("not the same for all: $($worse -join ', ')`n" + ($lines -join "`n"))
    $lines
}
Show-Promise 'H-sources' 'the facts are those that Windows'' own tools show' 'hwid capture beside Win32_ComputerSystemProduct, Win32_Processor, MSFT_PhysicalDisk, Get-NetAdapter -Physical' `
    'the same system UUID and number of processors; every internal disk''s and every enabled PCI network card''s number among the facts' {
    $facts = Get-Facts (Invoke-AsTwin $capture).Text 'a service'
    $uuid = Get-Plain (Get-CimInstance Win32_ComputerSystemProduct).UUID
    Assert ((Get-Values $facts 'system_uuid') -contains $uuid) 'another system UUID than Windows shows'
    $count = [string](Get-CimInstance Win32_Processor | Measure-Object NumberOfLogicalProcessors -Sum).Sum
    Assert-Equal $count ((Get-Values $facts 'cpu_count') -join ', ') 'the number of processors'
    # 7 is USB; 14 to 16 are not hardware. An NVMe disk may show its controller's number or its own.
    $disks = @(Get-CimInstance -Namespace root/Microsoft/Windows/Storage -ClassName MSFT_PhysicalDisk | Where-Object { 7, 14, 15, 16 -notcontains $_.BusType -and $_.SerialNumber })
    $known = Get-Values $facts 'disk'
    foreach ($disk in $disks) {
        $numbers = @(Get-Plain $disk.SerialNumber)
        if ($disk.AdapterSerialNumber) { $numbers += Get-Plain $disk.AdapterSerialNumber }
        $same = @($known | Where-Object { $value = $_; @($numbers | Where-Object { $value.Contains($_) -or $_.Contains($value) }).Count -gt 0 })
        Assert ($same.Count -gt 0) "disk $($disk.FriendlyName) (bus $($disk.BusType)) is not among the facts"
    }
    # One that is switched off has no address that anybody can read.
    $cards = @(Get-NetAdapter -Physical | Where-Object { $_.PnPDeviceID -like 'PCI\*' -and $_.PermanentAddress -and $_.Status -ne 'Disabled' })
    foreach ($card in $cards) {
        Assert ((Get-Values $facts 'nic') -contains (Get-Plain $card.PermanentAddress)) "network card $($card.InterfaceDescription) is not among the facts"
    }
    "the UUID; $count processors; $($disks.Count) disks; $($cards.Count) network cards"
}
Show-Promise 'H-evidence' 'the service recognizes the hardware as well as an administrator does' 'latchkey status --json: machine.evidence, virtual, health; latchkey hwid show --json, elevated' `
    'the same evidence and the same answer to whether it is virtual; strong where it is a real machine, strong or fair on a virtual one; no fact is unreadable to the service' {
    [void](Wait-ForAnswers)
    $machine = (Get-Status).machine
    $shown = (Invoke-Program $Latchkey @('hwid', 'show', '--json')).Text | ConvertFrom-Json
    Assert-Equal $shown.virtual $machine.virtual 'virtual'
    $enough = @('strong')
    if ($machine.virtual) { $enough = @('strong', 'fair') }
    Assert ($enough -contains $machine.evidence) "virtual: $($machine.virtual); the service's evidence: $($machine.evidence)"
    # A TPM that only the agent asks may make its evidence better.
    if ($machine.anchor -eq 'none') { Assert-Equal $shown.evidence $machine.evidence 'evidence' }
    $unread = @(Get-Health 'hardware_unreadable' | ForEach-Object { $_.text })
    Assert ($unread.Count -eq 0) ($unread -join '; ')
    $model = Get-CimInstance Win32_ComputerSystem
    "$($model.Manufacturer) $($model.Model), virtual: $($machine.virtual), evidence $($machine.evidence), elevated $($shown.evidence)"
}
Show-Promise 'H-tpm' 'a TPM 2.0 is used where there is one, by the service''s account' 'Win32_Tpm; latchkey status --json: machine.anchor, machine.tpm.evidence' 'with a TPM 2.0 tpm2 and read, else none and absent (or unreadable, with a reason, for an older one)' {
    # Get-CimInstance fails where Windows cannot be asked at all; none there is an empty answer.
    $tpm = @(Get-CimInstance -Namespace root/cimv2/Security/MicrosoftTpm -ClassName Win32_Tpm)
    $version = 'none'
    if ($tpm.Count -gt 0) { $version = [string]$tpm[0].SpecVersion }
    [void](Wait-Until { $null -ne (Get-Status).machine.tpm.evidence } 60 'the agent has looked')
    $machine = (Get-Status).machine
    $seen = "Windows: $version; anchor $($machine.anchor); evidence $($machine.tpm.evidence); $($machine.tpm.reason)"
    if ($version.StartsWith('2.')) {
        Assert ($machine.anchor -eq 'tpm2' -and $machine.tpm.evidence -eq 'read') $seen
    } else {
        Assert ($machine.anchor -eq 'none' -and $machine.tpm.evidence -ne 'read') $seen
        if ($version -eq 'none') { Assert-Equal 'absent' $machine.tpm.evidence 'evidence' }
    }
    $seen
}
Show-Promise 'H-same' 'the machine is the same after the service starts again' 'latchkey status --json: machine.id' 'the same id twice' {
    $before = (Get-Status).machine.id
    Assert ($before -match '^mid_') "the id is '$before'"
    Restart-Agent
    Assert-Equal $before (Get-Status).machine.id 'the id after a restart'
    $before
}
if ($activates) {
    Show-Promise 'L-activates' 'told by properties it activates without a hand' 'latchkey status --json; the Event Log' "$Product licensed; the key file is gone from the inbox; event 100 names the product" {
        $seconds = Wait-Until { @((Get-Status).products | Where-Object { $_.id -eq $Product -and $_.state -eq 'licensed' }).Count -eq 1 } 120 'licensed'
        Assert-Equal 0 @(Get-ChildItem (Join-Path $Data 'inbox') -Filter *.key).Count 'key files in the inbox'
        $told = @(Get-AgentEvents $ScriptBegan | Where-Object { $_.Id -eq 100 -and @($_.Properties | ForEach-Object { $_.Value }) -contains "LATCHKEY_PRODUCT=$Product" })
        Assert ($told.Count -eq 1) "$($told.Count) events 100 with LATCHKEY_PRODUCT=$Product"
        "after $seconds s"
    }
    Show-Promise 'L-clock' 'a clock that goes back is noticed when Windows says that it was set, and moves no deadline' 'Set-Date one hour back; latchkey status --json: agent.clock; set it again' 'behind within 30 s, agent.now within 60 s of the true time; then ok' {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $true_time = (Get-Date).ToUniversalTime()
        [void](Set-Date (Get-Date).AddHours(-1))
        try {
            [void](Wait-Until { (Get-Status).agent.clock -eq 'behind' } 30 'clock is behind')
            $off = (([datetimeoffset]::Parse((Get-Status).agent.now, [Globalization.CultureInfo]::InvariantCulture)).UtcDateTime - $true_time - $watch.Elapsed).TotalSeconds
        } finally { [void](Set-Date ($true_time + $watch.Elapsed).ToLocalTime()) }
        Assert ([math]::Abs($off) -le 60) "agent.now is $off s off"
        [void](Wait-Until { (Get-Status).agent.clock -eq 'ok' } 30 'clock is ok')
        "behind, agent.now $([math]::Round($off)) s off; then ok"
    }
}

Show-Promise 'W-key' 'the state''s key is wrapped by DPAPI; where it no longer opens, the state is set aside, carried over, and said' `
    'service stopped; a changed byte in state\state.key; start it; latchkey status --json' 'the file begins with latchkey-dpapi-1; then state_corrupt in health, the machine''s id and every product as before; after another start no state_corrupt' {
    $file = Join-Path $Data 'state\state.key'
    $before = Get-Status
    Stop-Service Latchkey
    $bytes = [IO.File]::ReadAllBytes($file)
    Assert-Equal 'latchkey-dpapi-1' ([Text.Encoding]::ASCII.GetString($bytes, 0, 16)) 'the beginning of state.key'
    $bytes[$bytes.Length - 20] = $bytes[$bytes.Length - 20] -bxor 255
    [IO.File]::WriteAllBytes($file, $bytes)
    Restart-Agent
    $said = @(Get-Health 'state_corrupt' | ForEach-Object { $_.text })
    Assert ($said.Count -gt 0) 'health says nothing of state_corrupt'
    $after = Get-Status
    Assert-Equal $before.machine.id $after.machine.id 'the machine''s id'
    $states = @($before.products | ForEach-Object { "$($_.id) $($_.state)" }) -join ', '
    Assert-Equal $states (@($after.products | ForEach-Object { "$($_.id) $($_.state)" }) -join ', ') 'products'
    Restart-Agent
    Assert-Equal 0 @(Get-Health 'state_corrupt').Count 'state_corrupt after another start'
    $said
}

# --- Policy ------------------------------------------------------------------------------------------------------------

# What the agent says after a reload with that value below the policy's key, and its status then.
function Test-Policy([string]$Name, $Value, [string]$Type) {
    New-Item "$Policy\agent" -Force | Out-Null
    New-ItemProperty "$Policy\agent" -Name $Name -Value $Value -PropertyType $Type -Force | Out-Null
    try {
        $said = Invoke-Program $Latchkey @('reload', '--json')
        $shown = (Invoke-Program $Latchkey @('config', 'show', '--json')).Text | ConvertFrom-Json
        return [pscustomobject]@{ Reload = $said; Settings = $shown.settings; Status = Get-Status }
    } finally {
        Remove-Item $Policy -Recurse
        [void](Invoke-Program $Latchkey @('reload', '--json'))
    }
}
Show-Promise 'G-wins' 'a policy wins over files, and says so' 'HKLM\SOFTWARE\Policies\Latchkey\agent: log_level = debug; latchkey reload; latchkey config show' 'exit 0; agent.log_level debug from policy; without it again from a file or the default' {
    $seen = Test-Policy 'log_level' 'debug' 'String'
    Assert-Equal 0 $seen.Reload.Code 'exit of reload'
    $setting = @($seen.Settings | Where-Object { $_.name -eq 'agent.log_level' })[0]
    Assert-Equal 'debug, policy' "$($setting.value), $($setting.from)" 'the setting'
    Assert-Equal 0 (Get-Status).agent.configuration.by_policy 'settings by policy, once it is gone'
    "$($setting.value) from $($setting.source)"
}
Show-Promise 'G-type' 'a policy''s value of the wrong type is refused, and the last good configuration stays' 'agent: role as REG_DWORD 3, as REG_BINARY, as REG_EXPAND_SZ; latchkey reload --json' `
    'exit 78, config_invalid naming the place each time; config_invalid in health; the role as before' {
    $role = (Get-Status).agent.role
    $lines = @()
    foreach ($bad in @('DWord', 3), @('Binary', [byte[]](1, 2, 3)), @('ExpandString', '%TEMP%')) {
        $seen = Test-Policy 'role' $bad[1] $bad[0]
        Assert ($seen.Reload.Code -eq 78 -and $seen.Reload.Text -match 'config_invalid' -and $seen.Reload.Text -match 'agent : role') "$($bad[0]): exit $($seen.Reload.Code): $($seen.Reload.Text)"
        Assert (@($seen.Status.agent.health | Where-Object { $_.id -eq 'config_invalid' }).Count -eq 1) "$($bad[0]): health says nothing"
        Assert-Equal $role $seen.Status.agent.role 'the role'
        $lines += "$($bad[0]): $(($seen.Reload.Text | ConvertFrom-Json).error.detail)"
    }
    $lines
}
Show-Promise 'G-unknown' 'a policy''s name that this version does not know is told and passed over' 'agent: from_the_future = 1; latchkey reload --json; the Event Log' 'exit 0; policy_unknown in health and event 211 name it; everything else is in force' {
    $began = (Get-Date).AddSeconds(-1)
    $seen = Test-Policy 'from_the_future' '1' 'String'
    Assert-Equal 0 $seen.Reload.Code "exit of reload ($($seen.Reload.Text))"
    $told = @($seen.Status.agent.health | Where-Object { $_.id -eq 'policy_unknown' })
    Assert ($told.Count -eq 1 -and $told[0].text -match 'from_the_future') 'health does not name it'
    $logged = @(Get-AgentEvents $began | Where-Object { $_.Id -eq 211 -and $_.Message -match 'from_the_future' })
    Assert ($logged.Count -gt 0) 'no event 211 names it'
    Assert-Equal 0 @(Get-Health 'policy_unknown').Count 'policy_unknown, once it is gone'
    $told[0].text
}
