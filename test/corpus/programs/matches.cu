//// features: __match_any_sync, __match_all_sync
//// sequential
void matches(const int *in, unsigned *out, int *all) {
    *all = 1;
    for (int t = 0; t < 32; t++) {
        out[t] = 0;
        for (int o = 0; o < 32; o++) out[t] |= (unsigned)(in[o] == in[t]) << o;
        if (in[t] != in[0]) *all = 0;
    }
}
//// kernel
__global__ void match(const int *in, unsigned *out, int *all) {
    int t = threadIdx.x, same;
    out[t] = __match_any_sync(0xffffffffu, in[t]);
    __match_all_sync(0xffffffffu, in[t], &same);
    if (t == 0) *all = same != 0;
}
//// wrapper
void matches_cuda(const int *in, unsigned *out, int *all) {
    int *d_in, *d_all;
    unsigned *d_out;
    cudaMalloc(&d_in, 32 * sizeof(int));
    cudaMalloc(&d_all, sizeof(int));
    cudaMalloc(&d_out, 32 * sizeof(unsigned));
    cudaMemcpy(d_in, in, 32 * sizeof(int), cudaMemcpyHostToDevice);
    match<<<1, 32>>>(d_in, d_out, d_all);
    cudaMemcpy(out, d_out, 32 * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaMemcpy(all, d_all, sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_all);
    cudaFree(d_out);
}
//// tests
int in[32], all[1];
unsigned out[32];
for (int i = 0; i < 32; i++) in[i] = i * i % 5;
wrapper(FUNCTION, in, out, all);
---
int in[32], all[1];
unsigned out[32];
for (int i = 0; i < 32; i++) in[i] = 9;
wrapper(FUNCTION, in, out, all);
