import CCUDA

#if canImport(Glibc)
    import Glibc
#endif

extension SimulatedDriver {
    static func addKernels(to api: inout oi_cuda_api) {
        api.moduleLoadData = { module, _ in
            SimulatedDriver.call("moduleLoadData") { state in
                module?.pointee = state.make("module")
                return 0
            }
        }
        api.moduleUnload = { _ in SimulatedDriver.call("moduleUnload") { $0.destroy("module") } }
        api.moduleGetFunction = { function, _, name in
            SimulatedDriver.call("moduleGetFunction") { state in
                if let name, String(cString: name) == "absent" {
                    return Int32(OI_CU_ERROR_NOT_FOUND)
                }
                state.nextHandle += 1
                function?.pointee = OpaquePointer(bitPattern: state.nextHandle * 16)
                return 0
            }
        }
        api.funcGetAttribute = { value, attribute, _ in
            value?.pointee = attribute * 10
            return 0
        }
        api.funcSetAttribute = { _, attribute, value in
            SimulatedDriver.call("funcSetAttribute") { state in
                state.functionAttributes[attribute] = value
                return 0
            }
        }
        api.occupancyMaxActiveBlocksPerMultiprocessor = { count, _, _, _ in
            count?.pointee = 2
            return 0
        }
        api.launchKernelEx = { configuration, _, arguments, _ in
            SimulatedDriver.call("launchKernelEx") { state in
                guard let configuration else { return 1 }
                state.launches.append(
                    SimulatedDriver.launch(
                        configuration.pointee,
                        arguments,
                        count: state.argumentCount
                    )
                )
                return 0
            }
        }
        api.tensorMapEncodeTiled = {
            map,
            type,
            rank,
            address,
            extents,
            _,
            box,
            _,
            _,
            swizzle,
            _,
            _ in
            SimulatedDriver.call("tensorMapEncode") { _ in
                guard let map, let extents, let box, Int(bitPattern: map) % 64 == 0 else {
                    return 1
                }
                map.pointee.words.0 = UInt64(UInt(bitPattern: address))
                map.pointee.words.1 = UInt64(type) << 32 | UInt64(rank)
                map.pointee.words.2 = extents[0]
                map.pointee.words.3 = UInt64(box[0])
                map.pointee.words.4 = UInt64(swizzle)
                return 0
            }
        }
        api.tensorMapReplaceAddress = { map, address in
            SimulatedDriver.call("tensorMapReplace") { _ in
                map?.pointee.words.0 = UInt64(UInt(bitPattern: address))
                return 0
            }
        }
    }

    private static func launch(
        _ configuration: oi_cu_launch_config,
        _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
        count: Int
    ) -> Launch {
        var attributes: [Int32: [Int32]] = [:]
        for index in 0..<Int(configuration.attributeCount) {
            guard let attribute = configuration.attributes?[index] else { continue }
            attributes[attribute.id] = [
                attribute.value.0, attribute.value.1, attribute.value.2,
            ]
        }
        return Launch(
            grid: [
                Int(configuration.gridX), Int(configuration.gridY), Int(configuration.gridZ),
            ],
            block: [
                Int(configuration.blockX), Int(configuration.blockY), Int(configuration.blockZ),
            ],
            sharedByteCount: Int(configuration.sharedMemoryByteCount),
            attributes: attributes,
            arguments: (0..<count).map { arguments?[$0]?.load(as: UInt64.self) ?? 0 }
        )
    }
}
