//// features: padded 2-D shared memory, 2-D grid, non-square
//// sequential
void transpose(const int *in, int *out, int rows, int columns) {
    for (int i = 0; i < rows * columns; i++) out[i % columns * rows + i / columns] = in[i];
}
//// kernel
constexpr int SIDE = 8;
__global__ void transpose_kernel(const int *in, int *out, int rows, int columns) {
    __shared__ int tile[SIDE][SIDE + 1];
    int x = blockIdx.x * SIDE + threadIdx.x, y = blockIdx.y * SIDE + threadIdx.y;
    if (x < columns && y < rows) tile[threadIdx.y][threadIdx.x] = in[y * columns + x];
    __syncthreads();
    x = blockIdx.y * SIDE + threadIdx.x, y = blockIdx.x * SIDE + threadIdx.y;
    if (x < rows && y < columns) out[y * rows + x] = tile[threadIdx.x][threadIdx.y];
}
//// wrapper
void transpose_cuda(const int *in, int *out, int rows, int columns) {
    int *d_in, *d_out;
    cudaMalloc(&d_in, rows * columns * sizeof(int));
    cudaMalloc(&d_out, rows * columns * sizeof(int));
    cudaMemcpy(d_in, in, rows * columns * sizeof(int), cudaMemcpyHostToDevice);
    dim3 grid((columns + SIDE - 1) / SIDE, (rows + SIDE - 1) / SIDE);
    transpose_kernel<<<grid, dim3(SIDE, SIDE)>>>(d_in, d_out, rows, columns);
    cudaMemcpy(out, d_out, rows * columns * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[6] = {1, 2, 3, 4, 5, 6}, out[6];
wrapper(FUNCTION, in, out, 2, 3);
---
int in[17 * 10], out[170];
for (int i = 0; i < 170; i++) in[i] = i;
wrapper(FUNCTION, in, out, 17, 10);
