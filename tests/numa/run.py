#!/usr/bin/env python3
"""run.py folder inside bits suite...: boots machines of several NUMA nodes, which qemu emulates, and runs the program `inside` on them; on machines with older
processors the Boost.Test suites, and the program `bits`, whose digests have to be those of this machine.

Debian's cloud kernel comes from /boot or from its package, which is downloaded into the folder and unpacked there, not installed. The output is TAP.
"""
import concurrent.futures
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from machines import MACHINES, PROCESSORS

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "numpy"))
from tap import report  # noqa: E402

SECONDS = 1500       # for one machine, however busy this one is; one to four minutes are usual
RUN_SECONDS = 240    # for one run of a program; few are usual. It tells where its threads stand then
SUITE_SECONDS = 600  # for one suite of tests; one or two minutes are usual. It tells which test it was in then

ENDED = "the machine has come to its end"

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /tmp
# The system would move pages to whoever reads them.
echo 0 > /proc/sys/kernel/numa_balancing
export SINTER_CACHE=memory
{commands}
echo "{ended}"
poweroff -f
"""


class Failure(Exception):
    pass


def kernel(folder):
    """Debian's cloud kernel, the newest there is."""
    found = sorted(pathlib.Path("/boot").glob("vmlinuz-*-cloud-amd64"))
    if found:
        return found[-1]
    unpacked = folder / "kernel"
    found = sorted(unpacked.glob("boot/vmlinuz-*-cloud-amd64"))
    if not found:
        done = subprocess.run([HERE.parent.parent / "subprojects" / "install.sh", "unpack", "kernel", unpacked], capture_output=True, text=True)
        found = sorted(unpacked.glob("boot/vmlinuz-*-cloud-amd64"))
        if not found:
            raise Failure(f"no kernel linux-image-cloud-amd64 in /boot, and it could not be downloaded:\n{done.stdout}{done.stderr}")
        for folder_of_modules in ("lib", "usr"):
            shutil.rmtree(unpacked / folder_of_modules, ignore_errors=True)
    return found[-1]


def tool(name):
    path = shutil.which(name)
    if path is None:
        raise Failure(f"no {name}: subprojects/install.sh numa installs it")
    return path


def libraries(program):
    """The shared objects that a program needs, and what Sinter loads at run time."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    numa = re.search(r"libnuma\.so\.1 \(libc6,x86-64\) => (\S+)", known)
    if numa is None:
        raise Failure("no libnuma.so.1: subprojects/install.sh library installs it")
    return [pathlib.Path(numa[1])] + [pathlib.Path(path) for path in re.findall(r"(/\S+) \(0x", listed)]


def make_root(folder, programs, commands):
    """An initramfs with busybox, programs, their libraries and what is to be done."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("bin", "proc", "sys", "dev", "tmp"):
        (folder / name).mkdir(parents=True)
    shutil.copy(tool("busybox"), folder / "bin")
    for program in programs:
        shutil.copy(program, folder / "bin")
        for library in libraries(program):
            to = folder / str(library)[1:]
            to.parent.mkdir(parents=True, exist_ok=True)
            if not to.exists():
                shutil.copy(library.resolve(), to)
    (folder / "init").write_text(INIT.format(ended=ENDED, commands="\n".join(commands)))
    (folder / "init").chmod(0o755)
    names = "\n".join(str(p.relative_to(folder)) for p in sorted(folder.rglob("*"))).encode()
    packed = subprocess.run([tool("cpio"), "-o", "-H", "newc", "--quiet"], cwd=folder, input=names, capture_output=True, check=True).stdout
    image = folder.with_suffix(".img")
    image.write_bytes(gzip.compress(packed, 1))
    shutil.rmtree(folder)
    return image


def boot(machine, kernel_file, image):
    """What the machine writes until it ends. One that stands still, or a run on it that does, is started once more, and that is told: what is wrong with a
    program stands still again, what is wrong with an emulator on a busy machine does not."""
    # Huge pages are reserved while memory is whole, as many on each node.
    reserve = " hugepages=64" if any(settings.get("SINTER_HUGE_PAGES") == "explicit" for _, settings in runs_of(machine)) else ""
    # no_timer_check: the kernel would give up where this machine is so busy that a timer's tick is late.
    command = [tool("qemu-system-x86_64"), "-accel", "tcg,thread=multi", "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio",
               "-no-reboot", *machine.options(), "-kernel", str(kernel_file), "-initrd", str(image), "-append", "console=ttyS0 quiet panic=-1 no_timer_check" + reserve]
    for attempt in range(2):
        text = until_its_end(command, image.with_suffix(f".{attempt}.log"))
        # 3: inside has told where its threads stand; a suite tells the signal; 137: killed.
        if ENDED in text and not re.search(r"^exit 3$|signal: SIGABRT|^(exit|suite \S+) 137$", text, re.MULTILINE):
            break
        told = "\n# ".join(text.splitlines()[-60:])
        print(f"# note: {machine.name}: stood still, attempt {attempt + 1}; its last words:\n# {told}", flush=True)
    return text


def until_its_end(command, log):
    """What it writes until it ends, or says nothing for longer than any run may take, or has gone on for too long."""
    with open(log, "wb") as to:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=to, stderr=subprocess.STDOUT)
        begun = last = time.monotonic()
        written = 0
        while process.poll() is None and time.monotonic() < min(begun + SECONDS, last + RUN_SECONDS + 90):
            time.sleep(0.2)
            if log.stat().st_size > written:
                written, last = log.stat().st_size, time.monotonic()
        gave_up = process.poll() is None
        process.kill()
        process.wait()
    text = log.read_bytes().decode(errors="replace").replace("\r", "")
    return text + f"\nnot at its end after {time.monotonic() - begun:.0f} s, the last {time.monotonic() - last:.0f} in silence" if gave_up else text


# How the program is run on each machine: mode, other settings.
RUNS = [
    ("auto", {}),
    ("force", {"SINTER_HUGE_PAGES": "off"}),
    ("off", {}),
    ("auto", {"SINTER_TEST_NUMA": "refused"}),
    ("auto", {"SINTER_HUGE_PAGES": "explicit"}),
    ("auto", {"SINTER_TEST_NUMA": "unpinned", "SINTER_PIN": "off"}),
    ("auto", {"SINTER_TEST_NUMA": "refused-alone"}),
    ("auto", {"SINTER_TEST_NUMA": "pinned-first"}),
    ("auto", {"SINTER_TEST_NUMA": "bound"}),
    ("auto", {"SINTER_TEST_NUMA": "bound", "SINTER_HUGE_PAGES": "explicit"}),
    ("auto", {"SINTER_TEST_NUMA": "interleaved"}),
]
# And without libnuma, where nodes are shared.
WITHOUT = ("force", {"SINTER_TEST_NUMA": "no-libnuma", "SINTER_PIN": "on"})


def runs_of(machine):
    return [*RUNS, WITHOUT] if machine.runs is None else machine.runs


def commands_for(machine, inside):
    lines = []
    for mode, settings in runs_of(machine):
        name = " ".join([mode, *(f"{k}={v}" for k, v in settings.items())])
        # A huge page, or 1024 floats and a page, may straddle a boundary.
        slack = 8192 if settings.get("SINTER_HUGE_PAGES") == "off" else 2 << 20
        words = " ".join(f"{k}={v}" for k, v in settings.items())
        if (mode, settings) == WITHOUT:
            lines.append("echo 0 > /proc/sys/vm/nr_hugepages; find / -xdev -name 'libnuma.so*' | xargs rm")
        lines.append(f'echo "run {name}"; SINTER_NUMA={mode} {words} timeout -s USR2 -k 30 {RUN_SECONDS} /bin/{inside.name} {mode} {slack} {machine.described()}; echo "exit $?"')
    return lines


# What takes minutes in an emulator: loops of millions of turns, many threads that wait for one another, functions on a hundred thousand values, whose bits `bits` compares;
# statistics of millions of numbers; what measures times. And arrays that end, or backwards begin, where their memory does: qemu 7.2 reads the masked elements of vmaskmovps, too, where a processor does not.
LEFT_OUT = {"api_tests": ("long_loops", "threads", "precisions", "long_rows", "order_of_many", "repeated_rows", "random_numbers/normal_numbers",
                          "random_numbers/split_keys", "random_numbers/uniform_moments", "pairs_of_rows/operands_that_are_views_or_expressions"),
            "unit_tests": ("math", "calibration", "jit*", "portable_kernels/random_kernels", "peak")}


def commands_for_processor(bits, suites):
    """The quick part of the suite, and bits."""
    lines = []
    for suite in suites:
        without = " ".join(f"'--run_test=!{name}'" for name in LEFT_OUT.get(suite.name, ()))
        # Every test is told, so that silence means that one stands still, and the last words say which.
        lines.append(f'timeout -s ABRT -k 30 {SUITE_SECONDS} /bin/{suite.name} {without} --log_level=unit_scope --color_output=no --detect_memory_leaks=0 --report_level=short; '
                     f'echo "suite {suite.name} $?"')
    # Again after a fault, which takes one run in five: it reads backwards, too, and whether an array begins where mapped memory does is chance. A fault of ours stays.
    once = f"SINTER_TEST_SEED=1 /bin/{bits.name} few"
    return [*lines, f'for attempt in 1 2 3 4; do {once}; code=$?; [ $code = 139 ] || break; echo "bits once more"; done; echo "exit $code"']


def results_of_processor(machine, text, suites, expected):
    """Whether the suites passed there, and each digest is the expected one."""
    results = []
    text = text.replace("\r", "")
    for suite in suites:
        passed = re.search(rf"^suite {suite.name} 0$", text, re.MULTILINE) is not None
        results.append((passed, f"{machine.name}: {suite.name}", "\n".join(line for line in text.splitlines() if "error: in " in line)[:8000] or text[-3000:]))
    found = digests_in(text)
    results.append((ENDED in text and len(expected) > 0, f"{machine.name}: all comes to its end", text[-3000:]))
    different = {case: (digest, found.get(case)) for case, digest in expected.items() if found.get(case) != digest}
    results.append((not different, f"{machine.name}: the same bits in {len(expected)} cases", different))
    return results


def digests_in(text):
    return dict(re.findall(r"^case (\S+) (\S+)$", text, re.MULTILINE))


def digests_here(bits):
    done = subprocess.run([bits, "few"], env=dict(os.environ, SINTER_TEST_SEED="1"), capture_output=True, text=True)
    return digests_in(done.stdout)


def results_of(machine, text):
    """(results for TAP, digests by name and run) of what a machine wrote."""
    results, digests, run, exits = [], {}, "", 0
    lines = text.replace("\r", "").splitlines()
    for i, line in enumerate(lines):
        if line.startswith("run "):
            run = line[4:]
        elif match := re.match(r"(not )?ok - (.*)", line):
            why = lines[i + 1] if match[1] and i + 1 < len(lines) else ""
            results.append((not match[1], f"{machine.name}, {run}: {match[2]}", why))
        elif match := re.match(r"digest (\S+) (\S+)$", line):
            digests.setdefault(match[1], {})[f"{machine.name}, {run}"] = match[2]
        elif match := re.match(r"exit (\d+)", line):
            exits += match[1] in ("0", "1")
    whole = ENDED in text and exits == len(runs_of(machine))
    results.append((whole, f"{machine.name}: all runs come to their end", text[-3000:]))
    return results, digests


def main():
    folder, inside, bits = (pathlib.Path(a) for a in sys.argv[1:4])
    suites = [pathlib.Path(a) for a in sys.argv[4:]]
    folder.mkdir(parents=True, exist_ok=True)
    results, digests = [], {}
    try:
        kernel_file = kernel(folder)

        def go(number_and_machine):
            number, machine = number_and_machine
            if machine in PROCESSORS:
                programs, commands = [bits, *suites], commands_for_processor(bits, suites)
            else:
                programs, commands = [inside], commands_for(machine, inside)
            text = boot(machine, kernel_file, make_root(folder / f"root{number}", programs, commands))
            (folder / (machine.name.replace(" ", "-") + ".log")).write_text(text)
            return machine, text

        expected = digests_here(bits)
        # Several threads of the emulator for each machine: more at a time would only wait for one another.
        with concurrent.futures.ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 4)) as pool:
            for machine, text in pool.map(go, enumerate([*MACHINES, *PROCESSORS])):
                if machine in PROCESSORS:
                    results += results_of_processor(machine, text, suites, expected)
                    continue
                more, seen = results_of(machine, text)
                results += more
                for name, by_run in seen.items():
                    digests.setdefault(name, {}).update(by_run)
    except Failure as e:
        results.append((False, "machines can be booted", e))
    for name, by_run in sorted(digests.items()):
        results.append((len(set(by_run.values())) == 1, f"the same bits everywhere: {name}", by_run))
    report(results)


if __name__ == "__main__":
    main()
