import DeepGEMM
import DeviceRuntime
import KernelJIT

extension KernelCatalog {
    /// Every kernel of the program: each system adds its family here.
    static let all = KernelCatalog([DeviceCheckKernels(), DeepGEMMKernels()])
}
