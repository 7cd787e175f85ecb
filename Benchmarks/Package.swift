// swift-tools-version:6.2
import PackageDescription

// Measurements of this machine, as a package of its own so that nothing but `make bench` and one
// step of `make test` builds it.
let package = Package(
    name: "OpenInfraBenchmarks",
    products: [.executable(name: "openinfra-benchmarks", targets: ["OpenInfraBenchmarks"])],
    dependencies: [.package(name: "OpenInfra", path: "..")],
    targets: [
        .target(name: "CPeak"),
        .executableTarget(
            name: "OpenInfraBenchmarks",
            dependencies: [
                "CPeak",
                .product(name: "EPLB", package: "OpenInfra"),
                .product(name: "InfraCore", package: "OpenInfra"),
                .product(name: "Tensors", package: "OpenInfra"),
                .product(name: "TraceAnalysis", package: "OpenInfra"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
