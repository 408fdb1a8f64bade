//// features: cudaMemset of bytes, cudaMemset2D of a part of the rows
//// sequential
void memset_patterns(int *out) {
    // 6 rows of 8 ints: all 0x01010101, columns 2 and 3 of rows 1 to 4 are -1, then 1 is added.
    for (int i = 0; i < 48; i++) {
        int x = i % 8, y = i / 8;
        out[i] = (x >= 2 && x < 4 && y >= 1 && y < 5 ? -1 : 16843009) + 1;
    }
}
//// kernel
__global__ void add_one(int *v) { v[blockIdx.x * blockDim.x + threadIdx.x] += 1; }
//// wrapper
void memset_patterns_cuda(int *out) {
    int *device;
    cudaMalloc(&device, 48 * sizeof(int));
    cudaMemset(device, 1, 48 * sizeof(int));
    cudaMemset2D(device + 8 + 2, 8 * sizeof(int), 0xff, 2 * sizeof(int), 4);
    add_one<<<6, 8>>>(device);
    cudaMemcpy(out, device, 48 * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(device);
}
//// tests
int out[48];
wrapper(FUNCTION, out);
