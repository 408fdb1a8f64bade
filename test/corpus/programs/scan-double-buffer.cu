//// features: scan, dynamic shared memory, double buffer
//// sequential
void scan_double_buffer(const int *in, int *out, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) out[i] = sum += in[i];
}
//// kernel
__global__ void hillis_steele(const int *in, int *out, int n) {
    extern __shared__ int buffer[];
    int *now = buffer, *next = buffer + blockDim.x, t = threadIdx.x;
    now[t] = t < n ? in[t] : 0;
    for (int offset = 1; offset < blockDim.x; offset <<= 1) {
        __syncthreads();
        next[t] = now[t] + (t >= offset ? now[t - offset] : 0);
        int *other = now;
        now = next;
        next = other;
    }
    if (t < n) out[t] = now[t];
}
//// wrapper
void scan_double_buffer_cuda(const int *in, int *out, int n) {
    int *d_in, *d_out, threads = 64;
    while (threads < n) threads *= 2;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, n * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    hillis_steele<<<1, threads, 2 * threads * sizeof(int)>>>(d_in, d_out, n);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[5] = {1, 2, 3, 4, 5}, out[5];
wrapper(FUNCTION, in, out, 5);
---
int in[100], out[100];
for (int i = 0; i < 100; i++) in[i] = i % 9 - 4;
wrapper(FUNCTION, in, out, 100);
