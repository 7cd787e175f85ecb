public import Tensors

/// Compares the last stage's outputs for one chunk with its labels.
///
/// Called with outputs, labels and the chunk's number; returns the loss of the chunk and the
/// gradients of the outputs. The executor neither averages nor scales: a mean over the batch is
/// the loss function's business.
public typealias PipelineLoss = (
    _ outputs: [HostTensor],
    _ labels: [HostTensor],
    _ chunk: Int
) throws -> (loss: Double, outputGradients: [HostTensor?])
