import Foundation
import Tensors
import Testing
import Training

@Suite("The optimizer")
struct OptimizerTests {
    @Test("AdamW's first step moves by the learning rate against the gradient's sign, and decays")
    func firstStep() {
        let parameter = Parameter(name: "w", value: HostTensor([Float(2), -1]), decays: true)
        parameter.gradient = HostTensor([Float(0.5), -3])
        var optimizer = AdamW([parameter], weightDecay: 0.1)
        optimizer.update(learningRate: 0.01)
        let w = parameter.value.elements(of: Float.self)
        #expect(abs(w[0] - (2 * (1 - 0.001) - 0.01)) < 1e-6)
        #expect(abs(w[1] - (-1 * (1 - 0.001) + 0.01)) < 1e-6)
    }

    @Test("AdamW follows the published recurrence over many steps")
    func recurrence() {
        let parameter = Parameter(name: "w", value: HostTensor([Float(1)]), decays: false)
        var optimizer = AdamW([parameter])
        var (w, m, v) = (1.0, 0.0, 0.0)
        for step in 1...50 {
            let g = sin(Double(step))
            parameter.gradient = HostTensor([Float(g)])
            optimizer.update(learningRate: 0.02)
            m = 0.9 * m + 0.1 * g
            v = 0.95 * v + 0.05 * g * g
            let step = Double(step)
            w -=
                0.02 * (m / (1 - pow(0.9, step)))
                / ((v / (1 - pow(0.95, step))).squareRoot() + 1e-8)
        }
        #expect(abs(Double(parameter.value.elements(of: Float.self)[0]) - w) < 1e-5)
    }

    @Test("the rate rises linearly and falls along half a cosine")
    func schedule() {
        let schedule = CosineSchedule(peak: 1, finalShare: 0.1, warmupSteps: 10, totalSteps: 110)
        #expect(abs(schedule.rate(step: 0) - 0.1) < 1e-6)
        #expect(abs(schedule.rate(step: 9) - 1) < 1e-6)
        #expect(abs(schedule.rate(step: 10) - 1) < 1e-6)
        #expect(abs(schedule.rate(step: 60) - 0.55) < 1e-6)
        #expect(abs(schedule.rate(step: 110) - 0.1) < 1e-6)
    }
}
