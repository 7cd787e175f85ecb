import Tensors

// A 4 x 6 matrix of 0, 1, 2 ...; views share its memory.
var matrix = HostTensor(zeros: [4, 6], dtype: .float32)
matrix.withUnsafeMutableElements(of: Float.self) { elements in
    for index in elements.indices { elements[index] = Float(index) }
}
let corner = try matrix.slice(axis: 0, from: 1, count: 2).slice(axis: 1, from: 3, count: 3)
print("corner", corner.shape, corner.elements(of: Float.self))
print("transposed", matrix.transposed().shape, "strides", matrix.transposed().strides)
