import EPLB
import Foundation
import InfraCore

/// Loads as mixtures of experts have them without balancing: log-normal, most of them small.
enum LogNormal {
    static func loads(
        layers: Int,
        experts: Int,
        seed: UInt64,
        sigma: Float = 0.7
    ) throws -> ExpertLoads {
        try ExpertLoads(values(layers: layers, experts: experts, seed: seed, sigma: sigma))
    }

    static func values(
        layers: Int,
        experts: Int,
        seed: UInt64,
        sigma: Float = 0.7
    ) -> [[Double]] {
        var random = SeededRandom(seed: seed)
        return (0..<layers).map { _ in
            (0..<experts).map { _ in Double((1000 * exp(sigma * random.normal())).rounded()) }
        }
    }

    /// The same loads some time later: each changed by a factor near one.
    static func drifted(_ values: [[Double]], seed: UInt64, sigma: Float) throws -> ExpertLoads {
        var random = SeededRandom(seed: seed)
        return try ExpertLoads(
            values.map { $0.map { $0 * Double(exp(sigma * random.normal())) } }
        )
    }
}
