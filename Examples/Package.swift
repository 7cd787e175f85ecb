// swift-tools-version:6.2
import PackageDescription

// Programs that use OpenInfra as a library, as a package of its own: what a user's package
// looks like. `make test` builds and runs each of them.
//
// A user's dependency names the repository instead of a path.
let openInfra = Package.Dependency.package(name: "OpenInfra", path: "..")

let package = Package(
    name: "OpenInfraExamples",
    dependencies: [openInfra],
    targets: [
        .executableTarget(
            name: "CompareSchedules",
            dependencies: [.product(name: "DualPipe", package: "OpenInfra")]
        ),
        .executableTarget(
            name: "StoreTensors",
            dependencies: [.product(name: "Tensors", package: "OpenInfra")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
