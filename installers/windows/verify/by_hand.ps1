# What needs a person, another machine or a restart. Each names where the outcome is to be read.

Show-ByHand 'B-shutdown' 'it stops in time at shutdown' 'shutdown /r /t 0; then Get-WinEvent -FilterHashtable @{LogName=''Application'';ProviderName=''Latchkey''} and @{LogName=''System'';Id=6006}' `
    'an event 4 ''stopping'' of the agent before the System log''s 6006 of the same shutdown; no event 7034 or 7043 that names Latchkey'
Show-ByHand 'B-session' 'logon and unlock make it look at the time' 'latchkey status --json; lock (Win+L), set the clock one hour back from another administrator''s session, unlock; latchkey status --json' `
    'agent.clock behind within seconds of the unlocking; ok when the clock is set again'
if (-not $Sleep) {
    Show-ByHand 'B-resume' 'it looks again after sleep (or run this with -Sleep)' 'sleep for ten minutes, wake; latchkey status --json; latchkey history' `
        'agent.now is the true time; the same process; a renewal that fell due during sleep is made at once'
}
Show-ByHand 'B-trust' 'a root that the machine trusts is enough' 'Import-Certificate -CertStoreLocation Cert:\LocalMachine\Root; no CA_FILE; latchkey doctor' 'the key server is reached; with the root in Cert:\CurrentUser\Root alone it is not'
Show-ByHand 'B-proxy' 'the machine''s proxy is used' 'netsh winhttp set proxy HOST:PORT; latchkey reload; latchkey doctor' 'the proxy''s log has a CONNECT to the key server; with a proxy that refuses, doctor says so'
Show-ByHand 'B-network' 'a network that comes back is noticed' 'unplug; latchkey activate; plug in; latchkey history' 'an attempt that fails, another within seconds of the cable'
Show-ByHand 'B-gpo' 'the templates give policies' 'ADMX and ADML in the central store; a GPO that sets the key server; gpupdate; latchkey config show' 'the editor shows them without an error; the value, and HKLM\SOFTWARE\Policies\Latchkey as its source'
Show-ByHand 'B-image' 'a generalized image gives machines of their own' 'latchkey generalize; sysprep /generalize /shutdown; two clones; latchkey status --json' 'two machine ids, neither that of before'
Show-ByHand 'B-dpapi' 'a disk that was put into another machine carries no license there' 'C:\ProgramData\Latchkey copied to another Windows, with its access lists; the service started' 'state_corrupt or state_foreign in health; nothing licensed by it'
Show-ByHand 'B-norm' 'a program in use without Restart Manager asks for a restart' 'HKLM\SOFTWARE\Policies\Microsoft\Windows\Installer: DisableAutomaticApplicationShutdown=1; latchkey status --watch open; msiexec /i NEWER /qn' `
    'exit 3010; latchkey version in a new window is the new one at once; the watching one goes on until it is closed; after a restart no old file is left in C:\Config.Msi'
Show-ByHand 'B-controller' 'a domain controller is installed like any machine, and no group is made in the domain' 'on a domain controller, and on a second one: msiexec /i PACKAGE /qn; /fa; latchkey reload' 'exit 0 each; no group latchkey-admin; a domain administrator may reload'
