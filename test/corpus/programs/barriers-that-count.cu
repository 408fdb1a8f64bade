//// features: __syncthreads_count, __syncthreads_and, __syncthreads_or
//// sequential
void barriers_that_count(const int *in, int n, int limit, int *out) {
    out[0] = 0, out[1] = 1, out[2] = 0;
    for (int i = 0; i < n; i++) {
        out[0] += in[i] > limit;
        if (in[i] <= limit) out[1] = 0;
        if (in[i] > limit) out[2] = 1;
    }
}
//// kernel
__global__ void count_them(const int *in, int limit, int *out) {
    bool over = in[threadIdx.x] > limit;
    int number = __syncthreads_count(over);
    int all = __syncthreads_and(over);
    int any = __syncthreads_or(over);
    if (threadIdx.x == blockDim.x - 1) {
        out[0] = number;
        out[1] = all ? 1 : 0;
        out[2] = any ? 1 : 0;
    }
}
//// wrapper
void barriers_that_count_cuda(const int *in, int n, int limit, int *out) {
    int *d_in, *d_out;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, 3 * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    count_them<<<1, n>>>(d_in, limit, d_out);
    cudaMemcpy(out, d_out, 3 * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[50], out[3];
for (int i = 0; i < 50; i++) in[i] = i;
wrapper(FUNCTION, in, 50, 30, out);
---
int in[40], out[3];
for (int i = 0; i < 40; i++) in[i] = i + 5;
wrapper(FUNCTION, in, 40, 4, out);
---
int in[33], out[3];
for (int i = 0; i < 33; i++) in[i] = -i;
wrapper(FUNCTION, in, 33, 0, out);
