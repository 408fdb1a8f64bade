//// features: __constant__ array, cudaMemcpyToSymbol with an offset, convolution
//// sequential
void constant_filter(const float *in, float *out, int n, float left, float middle, float right) {
    for (int i = 0; i < n; i++) out[i] = (i > 0 ? left * in[i - 1] : 0) + middle * in[i] + (i + 1 < n ? right * in[i + 1] : 0);
}
//// kernel
__constant__ float weights[3];
__global__ void filter(const float *in, float *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float sum = 0;
    for (int k = 0; k < 3; k++) {
        int from = i + k - 1;
        if (from >= 0 && from < n) sum += weights[k] * in[from];
    }
    out[i] = sum;
}
//// wrapper
void constant_filter_cuda(const float *in, float *out, int n, float left, float middle, float right) {
    float first[2] = {left, middle}, *d_in, *d_out;
    cudaMemcpyToSymbol(weights, first, 2 * sizeof(float));
    cudaMemcpyToSymbol(weights, &right, sizeof(float), 2 * sizeof(float), cudaMemcpyHostToDevice);
    cudaMalloc(&d_in, n * sizeof(float));
    cudaMalloc(&d_out, n * sizeof(float));
    cudaMemcpy(d_in, in, n * sizeof(float), cudaMemcpyHostToDevice);
    filter<<<2, (n + 1) / 2>>>(d_in, d_out, n);
    cudaMemcpy(out, d_out, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
float in[5] = {1, 2, 3, 4, 5}, out[5];
wrapper(FUNCTION, in, out, 5, 1.0f, 2.0f, -1.0f);
---
float in[31], out[31];
for (int i = 0; i < 31; i++) in[i] = i % 6;
wrapper(FUNCTION, in, out, 31, 0.25f, 0.5f, 0.25f);
