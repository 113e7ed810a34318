<#
.SYNOPSIS
Shows on a real Windows what Wine cannot show of the Latchkey agent: each promise, the command, what is expected, what was seen.

.DESCRIPTION
Run it in an elevated, 64-bit Windows PowerShell 5.1 on the desktop of a machine without the agent that may be changed, with the folder `verify` beside
it. It makes a user latchkey-visitor, installs, kills, repairs, upgrades and removes the agent, and takes that user away again. With the key
server's parameters it activates, too, which may count against an agreement, and sets the clock back for a moment; with -Sleep the machine
sleeps for two minutes. -OtherPackage is another build of the same version. The rows
are those of docs/windows.md.

Where the machine's execution policy lets no script run: powershell.exe -ExecutionPolicy Bypass -File .\verify-on-windows.ps1 ... (a policy
that is set by Group Policy wins over that; files that were downloaded need Unblock-File besides where it is RemoteSigned).

PASS, FAIL; NOT SHOWN: this machine cannot show it, and the row says why; BY HAND: it needs a person.
Exit code: 0 nothing failed, 1 something failed, 2 it could not run.

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
    [string]$OtherPackage = '',
    [string]$KeyServerUrl = '',
    [string]$CaFile = '',
    [string]$ManifestFile = '',
    [string]$Product = '',
    [string]$KeyFile = '',
    [switch]$Signed,
    [switch]$Sleep,
    [switch]$Json
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$Dummy = '1ABCD-EFGHJ-KMNPQ-RSTVW-XYZ00'

function Stop-Early([string]$Why) {
    [Console]::Error.WriteLine("verify-on-windows: $Why")
    exit 2
}

function Get-File([string]$Path, [string]$Parameter) {
    if (-not $Path) { return '' }
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { Stop-Early "$Parameter`: there is no file $Path" }
    return (Resolve-Path -LiteralPath $Path).ProviderPath
}

# Of a package that is the agent's.
function Get-AgentPackage([string]$Path, [string]$Parameter) {
    $found = $null
    try { $found = Get-MsiProperties $Path } catch { Stop-Early "$Parameter`: $Path is no package that Windows Installer can open: $($_.Exception.Message)" }
    if ($found['ProductName'] -cne 'Latchkey agent') { Stop-Early "$Parameter`: $Path is the package of '$($found['ProductName'])'" }
    return $found
}

$user = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if (-not $user.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { Stop-Early 'run it elevated' }
$shown = $PSVersionTable.PSVersion
if ($shown.Major -ne 5 -or $shown.Minor -lt 1) { Stop-Early "run it in Windows PowerShell 5.1 (powershell.exe), not $shown" }
if (-not [Environment]::Is64BitProcess) { Stop-Early "run it in the 64-bit Windows PowerShell ($env:SystemRoot\Sysnative\WindowsPowerShell\v1.0\powershell.exe), not in the one marked (x86)" }
$parts = @(('judge', 'tools', 'folder', 'installing', 'access', 'service', 'agent', 'keeping', 'by_hand') | ForEach-Object { Join-Path $PSScriptRoot "verify\$_.ps1" })
foreach ($part in $parts) { if (-not (Test-Path -LiteralPath $part)) { Stop-Early "$part is missing: copy the folder verify, too" } }
. $parts[0]
. $parts[1]

$Package = Get-File $Package '-Package'
$NewerPackage = Get-File $NewerPackage '-NewerPackage'
$OtherPackage = Get-File $OtherPackage '-OtherPackage'
$CaFile = Get-File $CaFile '-CaFile'
$ManifestFile = Get-File $ManifestFile '-ManifestFile'
$KeyFile = Get-File $KeyFile '-KeyFile'
$properties = Get-AgentPackage $Package '-Package'
$Version = $properties['ProductVersion']
$ProductCode = $properties['ProductCode']
$NewerVersion = ''
if ($NewerPackage) {
    $NewerVersion = (Get-AgentPackage $NewerPackage '-NewerPackage')['ProductVersion']
    if ([version]$NewerVersion -le [version]$Version) { Stop-Early "-NewerPackage: $NewerVersion is not newer than $Version" }
}
$activates = [bool]($KeyServerUrl -and $Product -and $KeyFile)
if (-not $activates -and ($KeyServerUrl -or $Product -or $KeyFile)) { Stop-Early '-KeyServerUrl, -Product and -KeyFile belong together' }
if ($null -ne (Get-Agent) -or (Test-Path $Programs)) { Stop-Early 'the agent is installed here already; take a machine without it' }
if (Test-Path $Data) { Stop-Early "$Data is there already; take a machine without it" }
if (Test-Path $Policy) { Stop-Early "a policy is set below $Policy; take a machine that nobody manages" }
if ($null -ne (Get-LocalUser $VisitorName -ErrorAction SilentlyContinue)) { Stop-Early "there is a user $VisitorName; remove him: net user $VisitorName /delete" }

$ScriptBegan = (Get-Date).AddSeconds(-1)
New-Item -ItemType Directory $Room | Out-Null
try {
    $Visitor = New-Visitor
} catch {
    Remove-Item -Recurse -Force $Room
    Stop-Early "cannot make a local user: $($_.Exception.Message)"
}
# Errands are run, and their outcome is left, by the system, services, LOCAL SERVICE and the visitor.
& icacls.exe $Room /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-6:(OI)(CI)M' '*S-1-5-19:(OI)(CI)M' "${VisitorName}:(OI)(CI)M" | Out-Null
try {
    foreach ($part in $parts[2..8]) { . $part }
} finally {
    # Where a row failed the agent may still be there.
    if ($null -ne (Get-Agent) -or (Test-Path $Programs)) {
        foreach ($one in @($NewerPackage, $Package | Where-Object { $_ })) { [void](Invoke-Msi @('/x', "`"$one`"", 'REMOVE_STATE=1')) }
    }
    Remove-LocalUser $VisitorName
    Remove-Item -Recurse -Force $Room -ErrorAction SilentlyContinue
}

$failed = @($Results | Where-Object { $_.result -eq 'FAIL' }).Count
$passed = @($Results | Where-Object { $_.result -eq 'PASS' }).Count
$notShown = @($Results | Where-Object { $_.result -eq 'NOT SHOWN' }).Count
$byHand = @($Results | Where-Object { $_.result -eq 'BY HAND' }).Count
if ($Json) {
    [pscustomobject]@{
        schema_version = '1.0'; package = $Version; windows = [Environment]::OSVersion.VersionString
        passed = $passed; failed = $failed; not_shown = $notShown; by_hand = $byHand; promises = @($Results)
    } | ConvertTo-Json -Depth 4
} else {
    Write-Host "$passed passed, $failed failed, $notShown not shown, $byHand by hand"
}
if ($failed -gt 0) { exit 1 }
exit 0
