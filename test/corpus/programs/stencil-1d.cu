//// features: stencil, halo in shared memory, blocks smaller than the data
//// sequential
void stencil_1d(const int *in, int *out, int n) {
    for (int i = 0; i < n; i++) {
        out[i] = 0;
        for (int d = -2; d <= 2; d++)
            if (i + d >= 0 && i + d < n) out[i] += in[i + d];
    }
}
//// kernel
#define RADIUS 2
#define WIDTH 16
__global__ void stencil_kernel(const int *in, int *out, int n) {
    __shared__ int near[WIDTH + 2 * RADIUS];
    int i = blockIdx.x * WIDTH + threadIdx.x, at = threadIdx.x + RADIUS;
    near[at] = i < n ? in[i] : 0;
    if (threadIdx.x < RADIUS) {
        near[at - RADIUS] = i >= RADIUS ? in[i - RADIUS] : 0;
        near[at + WIDTH] = i + WIDTH < n ? in[i + WIDTH] : 0;
    }
    __syncthreads();
    if (i >= n) return;
    int sum = 0;
    for (int d = -RADIUS; d <= RADIUS; d++) sum += near[at + d];
    out[i] = sum;
}
//// wrapper
void stencil_1d_cuda(const int *in, int *out, int n) {
    int *d_in, *d_out;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, n * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    stencil_kernel<<<(n + WIDTH - 1) / WIDTH, WIDTH>>>(d_in, d_out, n);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[7] = {1, 2, 3, 4, 5, 6, 7}, out[7];
wrapper(FUNCTION, in, out, 7);
---
int in[61], out[61];
for (int i = 0; i < 61; i++) in[i] = i * 3 % 8;
wrapper(FUNCTION, in, out, 61);
