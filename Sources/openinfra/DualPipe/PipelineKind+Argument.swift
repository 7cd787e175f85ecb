public import ArgumentParser
public import DualPipe

extension PipelineKind: ExpressibleByArgument {}
