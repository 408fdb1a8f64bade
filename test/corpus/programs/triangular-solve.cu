//// features: matrices, one unknown after the other, unsigned index
//// sequential
void triangular_solve(const float *l, const float *b, float *x, int n) {
    for (int i = 0; i < n; i++) {
        float rest = b[i];
        for (int j = 0; j < i; j++) rest -= l[i * n + j] * x[j];
        x[i] = rest / l[i * n + i];
    }
}
//// kernel
__global__ void forward(const float *l, float *x, unsigned n) {
    unsigned i = threadIdx.x;
    for (unsigned k = 0; k < n; k++) {
        if (i == k) x[k] = x[k] / l[k * n + k];
        __syncthreads();
        if (i > k && i < n) x[i] -= l[i * n + k] * x[k];
        __syncthreads();
    }
}
//// wrapper
void triangular_solve_cuda(const float *l, const float *b, float *x, int n) {
    float *d_l, *d_x;
    cudaMalloc(&d_l, n * n * sizeof(float));
    cudaMalloc(&d_x, n * sizeof(float));
    cudaMemcpy(d_l, l, n * n * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpy(d_x, b, n * sizeof(float), cudaMemcpyHostToDevice);
    forward<<<1, 64>>>(d_l, d_x, n);
    cudaMemcpy(x, d_x, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_l);
    cudaFree(d_x);
}
//// tests
float l[9] = {2, 0, 0, 1, 4, 0, 3, -1, 1}, b[3] = {4, 10, 5}, x[3];
wrapper(FUNCTION, l, b, x, 3);
---
float l[40 * 40], b[40], x[40];
for (int i = 0; i < 40; i++) {
    b[i] = i + 1;
    for (int j = 0; j < 40; j++) l[i * 40 + j] = i == j ? 2 : j < i && (i + j) % 5 == 0 ? 1 : 0;
}
wrapper(FUNCTION, l, b, x, 40);
