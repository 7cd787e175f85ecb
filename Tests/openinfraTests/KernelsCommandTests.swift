import Testing

@Suite("openinfra kernels and openinfra device")
struct KernelsCommandTests {
    @Test(
        "wrong usage is one line that names the argument",
        arguments: [
            (["kernels", "compile", "--arch", "sm_70"], "--arch is sm_70"),
            (["kernels", "compile", "--filter", "no such"], "--filter is no such"),
            (["device", "verify", "--device", "-1"], "--device"),
        ]
    )
    func usage(arguments: [String], part: String) throws {
        let result = try ProgramRun(arguments)
        #expect(result.exitCode == 64, "\(result.standardError)")
        #expect(result.standardError.contains(part), "\(result.standardError)")
    }
}
