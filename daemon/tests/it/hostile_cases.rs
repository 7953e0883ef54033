//! Agents that mean harm: what each tries, and how it shows that it worked.

/// Where an attack must fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// At every level but `none`, where it works.
    Everywhere,
    /// Only where namespaces are the job's own; README says so.
    InNamespaces,
    /// Even at `none`: the daemon itself sees to it, or the machine does.
    EvenAtNone,
    /// At every level but `none`, where nobody must try it: it would bring the tests down.
    NotToBeTried,
    /// At every level but `none`, where it depends on who is faster.
    LeftToChance,
}

/// How an attack that worked can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// The agent, or the one of the next job, says BREACH.
    Said,
    /// A process runs, whose command line holds the case's mark.
    Runs,
    /// The daemon was stopped.
    DaemonStopped,
    /// The other process of the daemon's user is stopped, or is gone.
    NeighbourStopped,
    /// A file of the scene is there that was not, or holds something else.
    Changed(&'static str),
    /// The folder of the job is still there.
    Left,
}

/// One attack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// What it is.
    pub(crate) name: &'static str,
    /// The agent, for a shell. `SCENE` is the scene's folder, `NEIGHBOUR` another process of the daemon's user, `DAEMON` the
    /// daemon, `PORT` a port of the stack, `MARK` a word for command lines, `breach` says that it worked, and what `planted` prints says so
    /// when another program runs it.
    pub(crate) agent: &'static str,
    /// The agent of the next job, in another run.
    pub(crate) next: Option<&'static str>,
    /// How it shows.
    pub(crate) sign: Sign,
    /// Where it is held.
    pub(crate) held: Held,
}

/// An attack of one job.
pub(crate) const fn case(name: &'static str, sign: Sign, held: Held, agent: &'static str) -> Case {
    Case {
        name,
        agent,
        next: None,
        sign,
        held,
    }
}

/// An attack that shows in the next job.
pub(crate) const fn pair(
    name: &'static str,
    held: Held,
    agent: &'static str,
    next: &'static str,
) -> Case {
    Case {
        name,
        agent,
        next: Some(next),
        sign: Sign::Said,
        held,
    }
}

/// Processes that outlive the job, or are not to be ended.
pub(crate) const PROCESSES: &[Case] = &[
    case(
        "an orphan",
        Sign::Runs,
        Held::EvenAtNone,
        "(sh -c 'sleep 1000; :' $MARK &)",
    ),
    case(
        "a session of its own without an environment",
        Sign::Runs,
        Held::EvenAtNone,
        r#"cd /; env -i setsid /bin/sh -c "exec setsid sh -c 'while :; do /bin/sleep 1; done' $MARK" > /dev/null 2>&1 < /dev/null &"#,
    ),
    case(
        "a daemon that has forked twice and ignores signals",
        Sign::Runs,
        Held::EvenAtNone,
        r"cat > d.py <<'P'
import os, signal, sys, time
for number in (1, 2, 3, 13, 15): signal.signal(number, signal.SIG_IGN)
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
os.chdir('/'); os.closerange(0, 64)
while True: time.sleep(1)
P
env -i $PYTHON d.py $MARK",
    ),
    case(
        "a program that forks and exits without pause",
        Sign::Runs,
        Held::LeftToChance,
        r"cat > f.py <<'P'
import os, time
end = time.time() + 4
while time.time() < end:
    try:
        if os.fork(): os._exit(0)
    except OSError: pass
P
env -i setsid $PYTHON f.py $MARK > /dev/null 2>&1 & sleep 0.2",
    ),
    case(
        "five of those",
        Sign::Runs,
        Held::LeftToChance,
        r"cat > f.py <<'P'
import os, time
end = time.time() + 4
os.setsid()
while time.time() < end:
    try:
        if os.fork(): os._exit(0)
    except OSError: pass
P
for n in 1 2 3 4 5; do env -i $PYTHON f.py $MARK > /dev/null 2>&1 & done; sleep 0.2",
    ),
    case(
        "a hundred processes",
        Sign::Runs,
        Held::EvenAtNone,
        r"cd /; for n in $(seq 100); do env -i setsid sh -c 'while :; do /bin/sleep 1; done' $MARK > /dev/null 2>&1 < /dev/null & done; sleep 0.2",
    ),
    case(
        "a process whose first thread has ended",
        Sign::Runs,
        Held::EvenAtNone,
        r"cat > t.py <<'P'
import ctypes, os, threading, time
os.setsid(); os.chdir('/')
threading.Thread(target=lambda: time.sleep(1000)).start()
ctypes.CDLL(None).pthread_exit(None)
P
env -i $PYTHON t.py $MARK > /dev/null 2>&1 < /dev/null & sleep 0.3",
    ),
    case(
        "a process that hides its own files from others",
        Sign::Runs,
        Held::EvenAtNone,
        r"cat > h.py <<'P'
import ctypes, os, time
os.setsid(); os.chdir('/')
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
time.sleep(1000)
P
env -i $PYTHON h.py $MARK > /dev/null 2>&1 < /dev/null & sleep 0.3",
    ),
    case(
        "a stopped process",
        Sign::Runs,
        Held::EvenAtNone,
        r"cd /; env -i setsid sh -c 'kill -STOP $$; while :; do /bin/sleep 1; done' $MARK > /dev/null 2>&1 < /dev/null & sleep 0.1",
    ),
    case(
        "a child that goes on editing after the end",
        Sign::Runs,
        Held::EvenAtNone,
        r"env -i setsid sh -c 'while :; do echo evil > greeting.txt; /bin/sleep 0.01; done' $MARK > /dev/null 2>&1 < /dev/null &",
    ),
    case(
        "more processes than a job may have",
        Sign::Said,
        Held::Everywhere,
        r"cat > m.py <<'P'
import os, time
made = 0
try:
    for n in range(700):
        if os.fork() == 0: time.sleep(5); os._exit(0)
        made += 1
except OSError: pass
os._exit(0 if made == 700 else 1)
P
$PYTHON m.py && breach",
    ),
];

/// Reaching for the daemon, and for other processes of its user.
pub(crate) const NEIGHBOURS: &[Case] = &[
    case(
        "stopping the parent",
        Sign::DaemonStopped,
        Held::Everywhere,
        "kill -STOP $PPID",
    ),
    case(
        "stopping the daemon",
        Sign::DaemonStopped,
        Held::Everywhere,
        "kill -STOP $DAEMON",
    ),
    case(
        "stopping another process",
        Sign::NeighbourStopped,
        Held::Everywhere,
        "kill -STOP $NEIGHBOUR",
    ),
    case(
        "ending everything there is",
        Sign::DaemonStopped,
        Held::NotToBeTried,
        "trap '' TERM; kill -TERM -1",
    ),
    case(
        "tracing another process",
        Sign::Said,
        Held::Everywhere,
        r#"$PYTHON -c "
import ctypes, sys
sys.exit(ctypes.CDLL(None).ptrace(0x4206, $NEIGHBOUR, 0, 0) != 0)" && breach"#,
    ),
    case(
        "tracing the daemon",
        Sign::Said,
        Held::EvenAtNone,
        r#"$PYTHON -c "
import ctypes, sys
sys.exit(ctypes.CDLL(None).ptrace(0x4206, $DAEMON, 0, 0) != 0)" && breach"#,
    ),
    case(
        "reading another process's environment",
        Sign::Said,
        Held::Everywhere,
        "grep -aq STACK_SECRET /proc/$NEIGHBOUR/environ && breach",
    ),
    case(
        "reading the daemon's environment",
        Sign::Said,
        Held::EvenAtNone,
        "cat /proc/$DAEMON/environ /proc/$PPID/environ | grep -aq AWS && breach",
    ),
    case(
        "reading every environment",
        Sign::Said,
        Held::Everywhere,
        "cat /proc/[0-9]*/environ 2> /dev/null | grep -aqE 'STACK_SECRET|AWS_SECRET' && breach",
    ),
    case(
        "opening another process's memory",
        Sign::Said,
        Held::Everywhere,
        "(exec 5<> /proc/$NEIGHBOUR/mem) 2> /dev/null && breach",
    ),
    case(
        "opening the daemon's memory",
        Sign::Said,
        Held::EvenAtNone,
        "(exec 5<> /proc/$DAEMON/mem) 2> /dev/null && breach",
    ),
    case(
        "going in by another process's folder",
        Sign::Said,
        Held::Everywhere,
        "cat /proc/$NEIGHBOUR/cwd/secrets.json 2> /dev/null | grep -q STATE && breach",
    ),
    case(
        "taking another process's files",
        Sign::Said,
        Held::Everywhere,
        "cat /proc/$NEIGHBOUR/fd/0 2> /dev/null | grep -q STATE && breach",
    ),
    case(
        "taking what another process may use",
        Sign::Said,
        Held::Everywhere,
        r#"$PYTHON -c "
import resource
resource.prlimit($NEIGHBOUR, resource.RLIMIT_NOFILE, (3, 3))" 2> /dev/null && breach"#,
    ),
    case(
        "a descriptor that the daemon inherited",
        Sign::Said,
        Held::Everywhere,
        "(cat <&9) 2> /dev/null | grep -q STATE && breach",
    ),
    case(
        "any descriptor beyond the standard ones",
        Sign::Said,
        Held::Everywhere,
        r#"$PYTHON -c "
import os, sys
def there(n):
    try: os.fstat(n)
    except OSError: return False
    return True
sys.exit(not any(there(n) for n in range(3, 256)))" && breach"#,
    ),
];

/// What belongs to a user and not to a process.
pub(crate) const SHARED: &[Case] = &[
    pair(
        "System V shared memory",
        Held::Everywhere,
        r#"$PYTHON -c "import ctypes; ctypes.CDLL(None).shmget($KEY, 4096, 0o1666)""#,
        r#"$PYTHON -c "import ctypes, sys; sys.exit(ctypes.CDLL(None).shmget($KEY, 0, 0) < 0)" && { breach; ipcrm -M $KEY; }"#,
    ),
    pair(
        "a System V message queue",
        Held::Everywhere,
        r#"$PYTHON -c "import ctypes; ctypes.CDLL(None).msgget($KEY, 0o1666)""#,
        r#"$PYTHON -c "import ctypes, sys; sys.exit(ctypes.CDLL(None).msgget($KEY, 0) < 0)" && { breach; ipcrm -Q $KEY; }"#,
    ),
    pair(
        "a System V semaphore",
        Held::Everywhere,
        r#"$PYTHON -c "import ctypes; ctypes.CDLL(None).semget($KEY, 1, 0o1666)""#,
        r#"$PYTHON -c "import ctypes, sys; sys.exit(ctypes.CDLL(None).semget($KEY, 0, 0) < 0)" && { breach; ipcrm -S $KEY; }"#,
    ),
    pair(
        "shared memory with a name",
        Held::Everywhere,
        "echo planted > /dev/shm/$MARK; chmod 666 /dev/shm/$MARK",
        "test -e /dev/shm/$MARK && { breach; rm -f /dev/shm/$MARK; }",
    ),
    pair(
        "a POSIX message queue",
        Held::Everywhere,
        r#"$PYTHON -c "import ctypes; ctypes.CDLL('librt.so.1').mq_open(b'/$MARK', 0o102, 0o666, None)""#,
        r#"$PYTHON -c "import ctypes, sys; sys.exit(ctypes.CDLL('librt.so.1').mq_open(b'/$MARK', 0) < 0)" && { breach; $PYTHON -c "import ctypes; ctypes.CDLL('librt.so.1').mq_unlink(b'/$MARK')"; }"#,
    ),
    pair(
        "a key in the user's keyring",
        Held::Everywhere,
        r#"$PYTHON -c "
import ctypes, platform
add = {'x86_64': 248, 'aarch64': 217}[platform.machine()]
ctypes.CDLL(None).syscall(add, b'user', b'$MARK', b'x', 1, -4)""#,
        r#"$PYTHON -c "
import ctypes, platform, sys
control = {'x86_64': 250, 'aarch64': 219}[platform.machine()]
sys.exit(ctypes.CDLL(None).syscall(control, 10, -4, b'user', b'$MARK', 0) < 0)" && breach"#,
    ),
];

/// Using up what others need.
pub(crate) const ROOM: &[Case] = &[
    case(
        "a file larger than the disk it may use",
        Sign::Said,
        Held::Everywhere,
        "truncate -s 1G large 2> /dev/null && breach",
    ),
    case(
        "being spared when memory runs out",
        Sign::Said,
        Held::Everywhere,
        "test \"$(cat /proc/self/oom_score_adj)\" = 1000 || breach",
    ),
    case(
        "deep folders",
        Sign::Left,
        Held::EvenAtNone,
        r#"$PYTHON -c "
import os
for n in range(5000):
    os.mkdir('d'); os.chdir('d')""#,
    ),
    case(
        "deep and locked folders",
        Sign::Left,
        Held::EvenAtNone,
        r#"$PYTHON -c "
import os
for n in range(1200):
    os.mkdir('d' * 200); os.chdir('d' * 200)
for n in range(1200):
    os.chdir('..'); os.chmod('d' * 200, 0)""#,
    ),
    case(
        "folders without permissions",
        Sign::Left,
        Held::EvenAtNone,
        "mkdir -p a/b/c \"$TMPDIR/x/y\"; touch a/b/c/file; chmod 000 a/b/c a/b a \"$TMPDIR/x\"",
    ),
    case(
        "many files",
        Sign::Left,
        Held::EvenAtNone,
        "mkdir many; cd many; seq 3000 | xargs touch",
    ),
];

/// More rights than a job has.
pub(crate) const RIGHTS: &[Case] = &[
    case(
        "new privileges",
        Sign::Said,
        Held::Everywhere,
        "grep -q 'NoNewPrivs:[[:space:]]*0' /proc/self/status && breach",
    ),
    case(
        "capabilities",
        Sign::Said,
        Held::EvenAtNone,
        "grep -E 'Cap(Prm|Eff|Amb):' /proc/self/status | grep -qv '0000000000000000' && breach",
    ),
    case(
        "being root",
        Sign::Said,
        Held::EvenAtNone,
        "test \"$(id -u)\" = 0 && breach",
    ),
    case(
        "groups of the daemon's",
        Sign::Said,
        Held::EvenAtNone,
        "id -G | tr ' ' '\\n' | grep -qx 0 && breach",
    ),
    case(
        "core dumps",
        Sign::Said,
        Held::Everywhere,
        "ulimit -c unlimited 2> /dev/null && breach",
    ),
    case(
        "mounting over what is hidden",
        Sign::Said,
        Held::EvenAtNone,
        "mount -t tmpfs tmpfs /mnt 2> /dev/null && breach",
    ),
    case(
        "the name of the machine",
        Sign::Said,
        Held::EvenAtNone,
        "hostname evil 2> /dev/null && breach",
    ),
    case(
        "uncovering what is hidden",
        Sign::Said,
        Held::Everywhere,
        "unshare -Urm sh -c 'umount -l /tmp /dev/shm /dev /proc 2> /dev/null; cat '\"$SCENE\"'/state/secrets.json' 2> /dev/null | grep -q STATE && breach",
    ),
];

/// The stack's network.
pub(crate) const NETWORK: &[Case] = &[
    case(
        "a port of the stack",
        Sign::Said,
        Held::InNamespaces,
        r#"$PYTHON -c "
import socket
socket.create_connection(('127.0.0.1', $PORT), 2)" 2> /dev/null && breach"#,
    ),
    case(
        "a socket of the stack without a file",
        Sign::Said,
        Held::InNamespaces,
        r#"$PYTHON -c "
import socket
socket.socket(socket.AF_UNIX).connect('\0switchyard-scene-$PORT')" 2> /dev/null && breach"#,
    ),
    case(
        "a socket file of the stack",
        Sign::Said,
        Held::Everywhere,
        r#"$PYTHON -c "
import socket
socket.socket(socket.AF_UNIX).connect('$SCENE/state/socket')" 2> /dev/null && breach"#,
    ),
    case(
        "packets of its own making",
        Sign::Said,
        Held::EvenAtNone,
        r#"$PYTHON -c "
import socket
socket.socket(socket.AF_PACKET, socket.SOCK_RAW)" 2> /dev/null && breach"#,
    ),
];
