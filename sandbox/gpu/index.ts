export { type GpuUse, type OpenGpu, openGpu } from './open.ts'
