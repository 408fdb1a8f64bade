//// features: solver, ping-pong buffers, many launches, 2-D blocks
//// sequential
void jacobi_2d(float *grid, int width, int height, int sweeps) {
    vector<float> next(grid, grid + width * height);
    for (int s = 0; s < sweeps; s++) {
        for (int y = 1; y < height - 1; y++)
            for (int x = 1; x < width - 1; x++) {
                const float *at = grid + y * width + x;
                next[y * width + x] = 0.25f * (at[-1] + at[1] + at[-width] + at[width]);
            }
        for (int i = 0; i < width * height; i++) grid[i] = next[i];
    }
}
//// kernel
__global__ void jacobi_2d_kernel(const float *in, float *out, int width, int height) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    int at = y * width + x;
    bool edge = x == 0 || y == 0 || x == width - 1 || y == height - 1;
    out[at] = edge ? in[at] : 0.25f * (in[at - 1] + in[at + 1] + in[at - width] + in[at + width]);
}
//// wrapper
void jacobi_2d_cuda(float *grid, int width, int height, int sweeps) {
    float *from, *to;
    size_t bytes = width * height * sizeof(float);
    cudaMalloc(&from, bytes);
    cudaMalloc(&to, bytes);
    cudaMemcpy(from, grid, bytes, cudaMemcpyHostToDevice);
    dim3 threads(4, 4), blocks((width + 3) / 4, (height + 3) / 4);
    for (int s = 0; s < sweeps; s++) {
        jacobi_2d_kernel<<<blocks, threads>>>(from, to, width, height);
        std::swap(from, to);
    }
    cudaMemcpy(grid, from, bytes, cudaMemcpyDeviceToHost);
    cudaFree(from);
    cudaFree(to);
}
//// tests
float grid[25] = {100, 100, 100, 100, 100};
wrapper(FUNCTION, grid, 5, 5, 3);
---
float grid[63];
for (int i = 0; i < 63; i++) grid[i] = i % 9 == 0 ? 64 : 0;
wrapper(FUNCTION, grid, 9, 7, 8);
