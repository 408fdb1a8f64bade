//// features: __shfl_sync, __shfl_up_sync, __shfl_down_sync, __shfl_xor_sync with widths below 32
//// sequential
void shuffles(const int *in, int width, int by, int *out) {
    for (int t = 0; t < 32; t++) {
        int base = t / width * width, at = t % width;
        out[t] = in[base + by % width];
        out[32 + t] = in[at >= by ? t - by : t];
        out[64 + t] = in[at + by < width ? t + by : t];
        out[96 + t] = in[(at ^ by) < width ? base + (at ^ by) : t];
    }
}
//// kernel
__global__ void shuffle(const int *in, int width, int by, int *out) {
    int t = threadIdx.x, value = in[t];
    out[t] = __shfl_sync(0xffffffffu, value, by, width);
    out[32 + t] = __shfl_up_sync(0xffffffffu, value, by, width);
    out[64 + t] = __shfl_down_sync(0xffffffffu, value, by, width);
    out[96 + t] = __shfl_xor_sync(0xffffffffu, value, by, width);
}
//// wrapper
void shuffles_cuda(const int *in, int width, int by, int *out) {
    int *d_in, *d_out;
    cudaMalloc(&d_in, 32 * sizeof(int));
    cudaMalloc(&d_out, 128 * sizeof(int));
    cudaMemcpy(d_in, in, 32 * sizeof(int), cudaMemcpyHostToDevice);
    shuffle<<<1, 32>>>(d_in, width, by, d_out);
    cudaMemcpy(out, d_out, 128 * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[32], out[128];
for (int i = 0; i < 32; i++) in[i] = 100 + i;
wrapper(FUNCTION, in, 32, 5, out);
---
int in[32], out[128];
for (int i = 0; i < 32; i++) in[i] = i * i;
wrapper(FUNCTION, in, 8, 3, out);
---
int in[32], out[128];
for (int i = 0; i < 32; i++) in[i] = -i;
wrapper(FUNCTION, in, 16, 1, out);
