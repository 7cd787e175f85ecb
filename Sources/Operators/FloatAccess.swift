internal import Tensors

// Short names for what every operator does: read a few float32 tensors, write a new one.
// A tensor has an address even when it is empty, so unwrapping it is safe.

/// Reads one contiguous float32 tensor.
func reading<Result>(
    _ a: HostTensor,
    _ body: (UnsafePointer<Float>) -> Result
) -> Result {
    a.contiguous().withUnsafeElements(of: Float.self) { elements in
        body(elements.baseAddress.unsafelyUnwrapped)
    }
}

/// Reads two contiguous float32 tensors.
func reading<Result>(
    _ a: HostTensor,
    _ b: HostTensor,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Result
) -> Result {
    reading(a) { a in reading(b) { b in body(a, b) } }
}

/// Reads three contiguous float32 tensors.
func reading<Result>(
    _ a: HostTensor,
    _ b: HostTensor,
    _ c: HostTensor,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Result
) -> Result {
    reading(a, b) { a, b in reading(c) { c in body(a, b, c) } }
}

/// Writes a float32 tensor in place.
func writing<Result>(
    _ a: inout HostTensor,
    _ body: (UnsafeMutablePointer<Float>) -> Result
) -> Result {
    a.withUnsafeMutableElements(of: Float.self) { elements in
        body(elements.baseAddress.unsafelyUnwrapped)
    }
}
