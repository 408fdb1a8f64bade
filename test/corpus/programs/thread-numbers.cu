//// features: threadIdx, blockIdx, blockDim and gridDim in three dimensions, order of threads in a block
//// sequential
void thread_numbers(int *out) {
    // Blocks of 4 x 3 x 2 in a grid of 2 x 2 x 2.
    int at = 0;
    for (int bz = 0; bz < 2; bz++)
        for (int by = 0; by < 2; by++)
            for (int bx = 0; bx < 2; bx++)
                for (int z = 0; z < 2; z++)
                    for (int y = 0; y < 3; y++)
                        for (int x = 0; x < 4; x++) out[at++] = (bz * 2 + z) * 10000 + (by * 3 + y) * 100 + bx * 4 + x;
}
//// kernel
__global__ void number(int *out) {
    int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    int size = blockDim.x * blockDim.y * blockDim.z;
    uint3 cell = make_uint3(blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y * blockDim.y + threadIdx.y, blockIdx.z * blockDim.z + threadIdx.z);
    out[block * size + thread] = cell.z * 10000 + cell.y * 100 + cell.x;
}
//// wrapper
void thread_numbers_cuda(int *out) {
    int *d_out;
    cudaMalloc(&d_out, 192 * sizeof(int));
    number<<<dim3(2, 2, 2), dim3(4, 3, 2)>>>(d_out);
    cudaMemcpy(out, d_out, 192 * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
int out[192];
wrapper(FUNCTION, out);
