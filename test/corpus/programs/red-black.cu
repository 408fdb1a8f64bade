//// features: solver, two launches a sweep, in place
//// sequential
void red_black(double *u, const double *f, int n, int sweeps) {
    for (int s = 0; s < 2 * sweeps; s++)
        for (int i = 1 + s % 2; i < n - 1; i += 2) u[i] = 0.5 * (u[i - 1] + u[i + 1] - f[i]);
}
//// kernel
__global__ void relax(double *u, const double *f, int n, int colour) {
    int i = 2 * (blockIdx.x * blockDim.x + threadIdx.x) + 1 + colour;
    if (i < n - 1) u[i] = 0.5 * (u[i - 1] + u[i + 1] - f[i]);
}
//// wrapper
void red_black_cuda(double *u, const double *f, int n, int sweeps) {
    double *d_u, *d_f;
    cudaMalloc(&d_u, n * sizeof(double));
    cudaMalloc(&d_f, n * sizeof(double));
    cudaMemcpy(d_u, u, n * sizeof(double), cudaMemcpyHostToDevice);
    cudaMemcpy(d_f, f, n * sizeof(double), cudaMemcpyHostToDevice);
    for (int s = 0; s < sweeps; s++) {
        relax<<<(n / 2 + 15) / 16, 16>>>(d_u, d_f, n, 0);
        relax<<<(n / 2 + 15) / 16, 16>>>(d_u, d_f, n, 1);
    }
    cudaDeviceSynchronize();
    cudaMemcpy(u, d_u, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_u);
    cudaFree(d_f);
}
//// tests
double u[7] = {0, 0, 0, 0, 0, 0, 64}, f[7] = {0};
cout << setprecision(17);
wrapper(FUNCTION, u, f, 7, 4);
---
double u[50], f[50];
for (int i = 0; i < 50; i++) u[i] = i % 3, f[i] = 0.125 * (i % 4);
wrapper(FUNCTION, u, f, 50, 6);
