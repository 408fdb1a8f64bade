export { GpuBuilder, type GpuBuilderParts, openGpuBuilder } from './builder.ts'
export type { GpuBuildOptions, GpuProduct, UnitKind, Way } from './product.ts'
