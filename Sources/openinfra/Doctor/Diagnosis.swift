/// What one machine can run.
package struct Diagnosis: Sendable, Encodable {
    /// One finding a thing, in a fixed order.
    package var findings: [Finding]
    /// Whether everything required works; optional things may be missing.
    package var isReady: Bool

    /// Probes a machine. Nothing is changed on it, and nothing waits for a network.
    package init(of machine: Machine) {
        findings =
            Self.processor(machine) + [Self.memory(machine), Self.openBLAS(machine)]
            + LibraryProbe.all.map { Self.library($0, on: machine) }
            + [
                Self.fuseDevice(machine), Self.ioUring(machine), Self.sharedMemory(machine),
                Self.etcd(machine), Self.browser(machine),
            ]
        isReady = findings.allSatisfy { $0.status == .found || !$0.isRequired }
    }

    /// The required things that do not work, for an error message.
    package var unmetRequirements: [Finding] {
        findings.filter { $0.isRequired && $0.status != .found }
    }
}

// MARK: - Processor and memory

extension Diagnosis {
    /// Kernel names of processor features, and who profits.
    private static let features: [(name: String, flags: [String], neededBy: String)] = [
        ("AVX2", ["avx2", "fma"], "OpenBLAS at half speed or better"),
        ("AVX-512", ["avx512f", "avx512bw", "avx512vl"], "OpenBLAS at full speed"),
        ("AVX-512 bf16", ["avx512_bf16"], "bf16 products on the CPU (planned)"),
        ("AMX", ["amx_tile", "amx_bf16"], "bf16 and int8 products on the CPU (planned)"),
    ]

    static func processor(_ machine: Machine) -> [Finding] {
        let lines = (machine.contents("/proc/cpuinfo") ?? "").split(separator: "\n")
        func values(_ key: String) -> [Substring] {
            lines.filter { $0.hasPrefix(key) }.compactMap { line in
                line.firstIndex(of: ":").map { line[line.index(after: $0)...] }
                    .map { $0.drop { $0 == " " } }
            }
        }
        let cores = values("processor").count
        let subject = Subject(
            name: "CPU",
            neededBy: "everything",
            remedy: "a Linux system that shows /proc/cpuinfo"
        )
        let model = values("model name").first ?? "unknown model"
        let summary =
            cores == 0
            ? subject.missing("/proc/cpuinfo names no processor")
            : subject.found("\(model), \(cores) core\(cores == 1 ? "" : "s")")

        let flags = Set((values("flags").first ?? "").split(separator: " ").map(String.init))
        return [summary]
            + features.map { feature in
                let subject = Subject(
                    name: feature.name,
                    neededBy: feature.neededBy,
                    remedy: "a CPU that has it"
                )
                let absent = feature.flags.filter { !flags.contains($0) }
                return absent.isEmpty
                    ? subject.found(feature.flags.joined(separator: " "))
                    : subject.missing("no \(absent.joined(separator: ", "))")
            }
    }

    static func memory(_ machine: Machine) -> Finding {
        let subject = Subject(
            name: "memory",
            neededBy: "everything; the demo uses less than 2 GiB",
            remedy: "a Linux system that shows /proc/meminfo"
        )
        func kibibytes(_ key: String) -> UInt64? {
            (machine.contents("/proc/meminfo") ?? "").split(separator: "\n")
                .first { $0.hasPrefix(key + ":") }?
                .split(separator: " ").dropFirst().first.flatMap { UInt64($0) }
        }
        guard let total = kibibytes("MemTotal") else {
            return subject.missing("/proc/meminfo names no MemTotal")
        }
        let available = kibibytes("MemAvailable").map { ", \(gibibytes($0 << 10)) available" }
        return subject.found("\(gibibytes(total << 10))\(available ?? "")")
    }

    static func sharedMemory(_ machine: Machine) -> Finding {
        let subject = Subject(
            name: "/dev/shm",
            neededBy: "ranks in separate processes",
            remedy: "mount a tmpfs there (docker run --shm-size=1g)"
        )
        guard let capacity = machine.capacityBytes("/dev/shm") else {
            return subject.missing("not mounted")
        }
        return subject.found("\(gibibytes(capacity.total)), \(gibibytes(capacity.free)) free")
    }

    private static func gibibytes(_ bytes: UInt64) -> String {
        let tenths = (bytes * 10 + (1 << 29)) >> 30
        return "\(tenths / 10).\(tenths % 10) GiB"
    }
}

// MARK: - Libraries

extension Diagnosis {
    static func openBLAS(_ machine: Machine) -> Finding {
        let subject = Subject(
            name: "OpenBLAS",
            neededBy: "every matrix product on the CPU",
            remedy: "apt-get install libopenblas0-pthread",
            isRequired: true
        )
        switch machine.multiply() {
        case .right(let path, let configuration):
            return subject.found("\(path), \(configuration)")
        case .wrong(let path, let product):
            return subject.unusable("\(path) multiplies wrongly: \(product)")
        case .unavailable(let reason):
            return subject.missing(reason)
        }
    }

    static func library(_ probe: LibraryProbe, on machine: Machine) -> Finding {
        switch machine.library(probe) {
        case .answered(let path, let version): probe.subject.found("\(version), \(path)")
        case .broken(let reason): probe.subject.unusable(reason)
        case .absent:
            probe.subject.missing("no \(probe.fileNames.joined(separator: " or "))")
        }
    }
}

// MARK: - The kernel and programs

extension Diagnosis {
    static func fuseDevice(_ machine: Machine) -> Finding {
        let subject = Subject(
            name: "/dev/fuse",
            neededBy: "mounting 3FS (planned)",
            remedy: "modprobe fuse; in a container, --device /dev/fuse --cap-add SYS_ADMIN"
        )
        if machine.isAccessible("/dev/fuse", false) { return subject.found("readable, writable") }
        return machine.matches("/dev/fuse").isEmpty
            ? subject.missing("no such device")
            : subject.unusable("there, but this user may not open it")
    }

    static func ioUring(_ machine: Machine) -> Finding {
        let subject = Subject(
            name: "io_uring",
            neededBy: "3FS storage (planned)",
            remedy: "Linux 5.1 or newer, and sysctl kernel.io_uring_disabled=0"
        )
        let release =
            machine.contents("/proc/sys/kernel/osrelease")?
            .split(whereSeparator: \.isWhitespace).first ?? "unknown"
        switch machine.ioUringSetupErrno() {
        case Errno.noSystemCall: return subject.missing("Linux \(release) lacks it")
        case Errno.notPermitted: return subject.unusable("Linux \(release) has it switched off")
        default: return subject.found("Linux \(release)")
        }
    }

    static func etcd(_ machine: Machine) -> Finding {
        program(
            ["etcd"],
            Subject(
                name: "etcd",
                neededBy: "3FS metadata on many hosts (planned)",
                remedy: "apt-get install etcd-server"
            ),
            on: machine
        )
    }

    static func browser(_ machine: Machine) -> Finding {
        program(
            ["chromium", "chromium-browser", "google-chrome"],
            Subject(
                name: "Chromium",
                neededBy: "looking at rendered reports in tests",
                remedy: "apt-get install chromium"
            ),
            on: machine
        )
    }

    private static func program(
        _ names: [String],
        _ subject: Subject,
        on machine: Machine
    ) -> Finding {
        for name in names {
            if let path = machine.command(name) { return subject.found(path) }
        }
        return subject.missing("no \(names.joined(separator: ", ")) on PATH")
    }

    /// Error numbers of errno.h, the same on every Linux.
    private enum Errno {
        static let notPermitted: Int32 = 1
        static let noSystemCall: Int32 = 38
    }
}
