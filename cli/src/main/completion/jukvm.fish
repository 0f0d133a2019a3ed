# Completion of jukvm for fish: what bash is offered. Where nothing is offered, files are: for GUEST
# and its arguments, and for options whose value is one.

set -g _jukvm_of_all '-h --help -V --version'
set -g _jukvm_commands 'run snapshot core replay inspect doctor elftool daemon net image'
set -g _jukvm_elftool 'gen-manifest query-abi query-manifest'
set -g _jukvm_daemons 'start stop status serve'
set -g _jukvm_daemon '--idle= --isolation='
set -g _jukvm_nets 'up down list'
set -g _jukvm_images 'build inspect'
set -g _jukvm_image '-o --output= --tag= --type='
set -g _jukvm_net '--user= --address= --bridge= --nat'
set -g _jukvm_core '--dumpcore='
set -g _jukvm_replay '--gdb= --deadline= --sandbox='
set -g _jukvm_inspect '--json --symbols --fetch-timeout= --fetch-limit='
set -g _jukvm_run '--mem= --ring= --deadline= --time --report= --dialect= --console= --sandbox= --publish= --no-net-ring --expand --isolation= --no-daemon
    --trace= --trace-calls= --trace-summary --gdb= --gdb-on-fault= --dumpcore= --profile= --record= --fetch-timeout= --fetch-limit= --block: --block-sector-size: --block-sync: --net: --net-mac: --net-as:
    --net-pcap: --disk= --net= --net-mac='

set -g _jukvm_snapshot '-o --output= --replace --at= --mem= --ring= --deadline= --dialect= --block: --block-sector-size: --block-sync: --net: --net-mac: --net-as:
    --net-pcap: --disk= --net= --net-mac='

# Prints the words $argv, with what was typed of an option before its value.
function _jukvm_offer
    set -l before (string match -r '^.*=' -- (commandline -ct))
    for word in (string match -ra '\S+' -- "$argv")
        echo -- "$before$word"
    end
end

function _jukvm
    set -l words (commandline -opc)
    set -l last (count $words)
    set -l typed (commandline -ct)
    if test $last -eq 1
        _jukvm_offer $_jukvm_commands $_jukvm_of_all
        return
    end
    for word in (string split \n -- $words)[3..]
        string match -q -- '-*' $word; or contains $words[2] daemon net image; or return
    end
    switch "$words[2]:$typed"
        case 'snapshot:--at=*'; _jukvm_offer 'poll calls: line:'
        case 'run:--ring=*'; _jukvm_offer 'auto 0 3'
        case 'run:--console=*'; _jukvm_offer 'wait drop'
        case 'run:--sandbox=*'; _jukvm_offer 'on off log strict'
        case 'run:--isolation=*' 'daemon:--isolation=*'; _jukvm_offer 'thread process'
        case 'run:--dialect=*'; _jukvm_offer 'ukvm-0.2 ukvm-0.3'
        case 'run:--block-sync:*=*'; _jukvm_offer 'none exit dsync'
        case '*=*' '*:*:*'
        case 'run:-*'; _jukvm_offer $_jukvm_run $_jukvm_of_all
        case 'snapshot:-*'; _jukvm_offer $_jukvm_snapshot $_jukvm_of_all
        case 'core:-*'; _jukvm_offer $_jukvm_core $_jukvm_of_all
        case 'replay:-*'; _jukvm_offer $_jukvm_replay $_jukvm_of_all
        case 'inspect:-*'; _jukvm_offer $_jukvm_inspect $_jukvm_of_all
        case 'net:-*'; _jukvm_offer $_jukvm_net $_jukvm_of_all
        case 'image:-*'; _jukvm_offer $_jukvm_image $_jukvm_of_all
        case 'daemon:-*'; _jukvm_offer $_jukvm_daemon $_jukvm_of_all
        case '*:-*'; _jukvm_offer $_jukvm_of_all
        case 'daemon:*'; test $last -gt 2; or _jukvm_offer $_jukvm_daemons
        case 'net:*'; test $last -gt 2; and _jukvm_offer (ls /sys/class/net); or _jukvm_offer $_jukvm_nets
        case 'image:*'; test $last -gt 2; or _jukvm_offer $_jukvm_images
        case 'elftool:*'; test $last -gt 2; or _jukvm_offer $_jukvm_elftool
    end
end

complete -c jukvm -n 'count (_jukvm) >/dev/null' -f -a '(_jukvm)'
