// swift-tools-version:6.2
import PackageDescription

// The architecture as a table: one row a module, each with its layer. A module may use only
// modules of a lower layer; evaluating this manifest fails on any edge that does not point down.
// What each layer is for stands in docs/architecture.md.

struct Module {
    var name: String
    var layer: Int
    var uses: [String] = []
    var packages: [Target.Dependency] = []
    /// Whether a DocC catalog, a library product and a test target belong to the module.
    var isPublic = true
    /// Strict memory safety pays above the C boundary; numeric kernels work on raw memory.
    var strictMemorySafety = false
    /// Whether the tests read files from a `Fixtures` folder beside them.
    var hasFixtures = false
    /// Files that are not compiled: kernel sources, which a C file embeds.
    var excludes: [String] = []
    /// What only the tests use: a driver without a GPU.
    var testUses: [String] = []
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)

/// Layer 0: declarations of C interfaces. Nothing here links a library.
let cModules: [Module] = [
    Module(name: "CLinux", layer: 0),
    Module(name: "COpenBLAS", layer: 0),
    Module(name: "CZlib", layer: 0),
    Module(name: "CCUDA", layer: 0),
    Module(name: "CKernels", layer: 0, excludes: ["kernels"]),
    Module(name: "CDeepGEMMKernels", layer: 0, excludes: ["kernels"]),
]

let modules: [Module] = [
    Module(name: "InfraCore", layer: 1, uses: ["CLinux"]),
    Module(
        name: "Tensors",
        layer: 2,
        uses: ["InfraCore", "COpenBLAS"],
        hasFixtures: true
    ),
    Module(name: "Traces", layer: 2, uses: ["InfraCore", "CZlib"]),
    Module(name: "Transport", layer: 2, uses: ["InfraCore", "CLinux"]),
    Module(
        name: "CUDADriver",
        layer: 2,
        uses: ["InfraCore", "CCUDA"],
        testUses: ["SimulatedCUDA"]
    ),
    Module(
        name: "SimulatedCUDA",
        layer: 3,
        uses: ["CCUDA", "CUDADriver"],
        isPublic: false
    ),
    Module(
        name: "KernelJIT",
        layer: 3,
        uses: ["InfraCore", "CCUDA", "CUDADriver"],
        testUses: ["SimulatedCUDA", "CKernels"]
    ),
    Module(
        name: "DeviceRuntime",
        layer: 4,
        uses: ["InfraCore", "Tensors", "CUDADriver", "KernelJIT", "CKernels"],
        testUses: ["SimulatedCUDA", "CCUDA"]
    ),
    Module(name: "Collectives", layer: 3, uses: ["InfraCore", "Tensors", "Transport"]),
    Module(name: "Operators", layer: 5, uses: ["InfraCore", "Tensors"]),
    Module(
        name: "DeepGEMM",
        layer: 5,
        uses: [
            "InfraCore", "Tensors", "CUDADriver", "KernelJIT", "DeviceRuntime",
            "CDeepGEMMKernels",
        ]
    ),
    Module(
        name: "DualPipe",
        layer: 5,
        uses: ["InfraCore", "Tensors", "Traces", "Transport", "Collectives"]
    ),
    Module(name: "EPLB", layer: 5, uses: ["InfraCore"], hasFixtures: true),
    Module(name: "TraceAnalysis", layer: 5, uses: ["InfraCore", "Traces"]),
    Module(
        name: "DeepSeekModel",
        layer: 7,
        uses: ["InfraCore", "Tensors", "Operators"],
        hasFixtures: true
    ),
    Module(
        name: "Training",
        layer: 8,
        uses: [
            "InfraCore", "Tensors", "Traces", "Transport", "Collectives", "Operators",
            "DualPipe", "EPLB", "TraceAnalysis", "DeepSeekModel",
        ]
    ),
]

let layers = Dictionary(
    uniqueKeysWithValues: (cModules + modules).map { ($0.name, $0.layer) }
)
for module in modules {
    for used in module.uses {
        guard let layer = layers[used] else {
            fatalError("\(module.name) uses \(used), which is not in the module table")
        }
        precondition(
            layer < module.layer,
            "\(module.name) (layer \(module.layer)) may not use \(used) (layer \(layer))"
        )
    }
}

func settings(strictMemorySafety: Bool) -> [SwiftSetting] {
    let base: [SwiftSetting] = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
    return strictMemorySafety ? base + [.strictMemorySafety()] : base
}

var dependencies: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
]
if Context.environment["OPENINFRA_DOCS"] != nil {
    // Only `make docs` needs the documentation plug-in; ordinary builds do not fetch it.
    dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")
    )
}

let package = Package(
    name: "OpenInfra",
    products: [.executable(name: "openinfra", targets: ["openinfra"])]
        + modules.filter(\.isPublic).map { .library(name: $0.name, targets: [$0.name]) },
    dependencies: dependencies,
    targets: cModules.map { .target(name: $0.name, exclude: $0.excludes) }
        + modules.flatMap { module -> [Target] in
            let library = Target.target(
                name: module.name,
                dependencies: module.uses.map { .target(name: $0) } + module.packages,
                swiftSettings: settings(strictMemorySafety: module.strictMemorySafety)
            )
            // A test may import whatever its module may.
            let tests = Target.testTarget(
                name: module.name + "Tests",
                dependencies: [.target(name: module.name)]
                    + (module.uses + module.testUses).map { .target(name: $0) },
                exclude: module.hasFixtures ? ["Fixtures"] : [],
                swiftSettings: settings(strictMemorySafety: false)
            )
            return module.isPublic ? [library, tests] : [library]
        } + [
            .executableTarget(
                name: "openinfra",
                dependencies: modules.filter(\.isPublic).map { .target(name: $0.name) } + [
                    argumentParser
                ],
                swiftSettings: settings(strictMemorySafety: false)
            ),
            .testTarget(
                name: "openinfraTests",
                dependencies: ["openinfra", "InfraCore"],
                swiftSettings: settings(strictMemorySafety: false)
            ),
        ],
    swiftLanguageModes: [.v6]
)
