# What is kept of each row, and how it is judged. A row's block returns what it saw and throws where that is not what is expected; one that
# cannot be shown on this machine says so by Skip-Row, which is never a pass.

$Results = New-Object System.Collections.ArrayList
$NotShown = 'not shown: '

function Add-Result([string]$Id, [string]$Promise, [string]$Command, [string]$Expected, [string]$Result, [string]$Seen) {
    [void]$Results.Add([pscustomobject]@{ id = $Id; result = $Result; promise = $Promise; command = $Command; expected = $Expected; seen = $Seen })
    if ($Json) { return }
    Write-Host ('{0,-9} {1,-13} {2}' -f $Result, $Id, $Promise)
    if ($Result -eq 'FAIL' -or $Result -eq 'BY HAND') { Write-Host "          command:  $Command" }
    Write-Host "          expected: $Expected"
    if ($Seen) { Write-Host ('          seen:     ' + ($Seen -replace "`r?`n", "`n                    ")) }
}

function Show-Promise([string]$Id, [string]$Promise, [string]$Command, [string]$Expected, [scriptblock]$Block) {
    try {
        $seen = (& $Block | Out-String).Trim()
        if (-not $seen) { throw 'the row does not say what it saw' }
        Add-Result $Id $Promise $Command $Expected 'PASS' $seen
    } catch {
        $said = $_.Exception.Message
        if ($said.StartsWith($NotShown)) {
            Add-Result $Id $Promise $Command $Expected 'NOT SHOWN' $said.Substring($NotShown.Length)
        } else {
            Add-Result $Id $Promise $Command $Expected 'FAIL' $said
        }
    }
}

function Show-ByHand([string]$Id, [string]$Promise, [string]$Command, [string]$Expected) {
    Add-Result $Id $Promise $Command $Expected 'BY HAND' ''
}

function Skip-Row([string]$Why) { throw ($NotShown + $Why) }

function Assert([bool]$Condition, [string]$Seen) {
    if (-not $Condition) { throw $Seen }
}

function Assert-Equal($Expected, $Seen, [string]$What) {
    if ([string]$Expected -cne [string]$Seen) { throw "$What`: '$Seen', not '$Expected'" }
}

# The seconds that it took.
function Wait-Until([scriptblock]$Asked, [int]$Patience, [string]$Awaited) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Asked)) {
        if ($watch.Elapsed.TotalSeconds -gt $Patience) { throw "not within $Patience s: $Awaited" }
        Start-Sleep -Milliseconds 100
    }
    return [math]::Round($watch.Elapsed.TotalSeconds, 2)
}
