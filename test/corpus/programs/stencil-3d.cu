//// features: stencil, 3-D blocks and grids
//// sequential
void stencil_3d(const float *in, float *out, int nx, int ny, int nz) {
    auto at = [&](int x, int y, int z) { return x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz ? 0 : in[(z * ny + y) * nx + x]; };
    for (int i = 0; i < nx * ny * nz; i++) {
        int x = i % nx, y = i / nx % ny, z = i / nx / ny;
        out[i] = at(x - 1, y, z) + at(x + 1, y, z) + at(x, y - 1, z) + at(x, y + 1, z) + at(x, y, z - 1) + at(x, y, z + 1) - 6 * in[i];
    }
}
//// kernel
__device__ __forceinline__ float cell(const float *in, int x, int y, int z, int3 size) {
    bool inside = x >= 0 && y >= 0 && z >= 0 && x < size.x && y < size.y && z < size.z;
    return inside ? in[(z * size.y + y) * size.x + x] : 0.0f;
}
__global__ void laplace(const float *in, float *out, int3 size) {
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    int z = blockIdx.z * blockDim.z + threadIdx.z;
    if (x >= size.x || y >= size.y || z >= size.z) return;
    float sum = -6 * cell(in, x, y, z, size);
    sum += cell(in, x - 1, y, z, size) + cell(in, x + 1, y, z, size);
    sum += cell(in, x, y - 1, z, size) + cell(in, x, y + 1, z, size);
    sum += cell(in, x, y, z - 1, size) + cell(in, x, y, z + 1, size);
    out[(z * size.y + y) * size.x + x] = sum;
}
//// wrapper
void stencil_3d_cuda(const float *in, float *out, int nx, int ny, int nz) {
    size_t bytes = sizeof(float) * nx * ny * nz;
    float *d_in, *d_out;
    cudaMalloc(&d_in, bytes);
    cudaMalloc(&d_out, bytes);
    cudaMemcpy(d_in, in, bytes, cudaMemcpyHostToDevice);
    dim3 block(4, 2, 3);
    dim3 grid((nx + block.x - 1) / block.x, (ny + block.y - 1) / block.y, (nz + block.z - 1) / block.z);
    laplace<<<grid, block>>>(d_in, d_out, make_int3(nx, ny, nz));
    cudaMemcpy(out, d_out, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
float in[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[8];
wrapper(FUNCTION, in, out, 2, 2, 2);
---
float in[5 * 3 * 4], out[60];
for (int i = 0; i < 60; i++) in[i] = i % 7;
wrapper(FUNCTION, in, out, 5, 3, 4);
