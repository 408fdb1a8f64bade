//// features: division and square root as IEEE rounds them, rounding functions, remainder, copysign
//// sequential
void exact_functions(const float *x, int n, float *out) {
    for (int i = 0; i < n; i++) {
        float row[10] = {1.0f / x[i], sqrtf(fabsf(x[i])), floorf(x[i]), ceilf(x[i]), truncf(x[i]), rintf(x[i]), roundf(x[i]), fmodf(x[i], 0.75f), copysignf(3, x[i]), (float)(1.0 / 3 / x[i])};
        copy(row, row + 10, out + 10 * i);
    }
}
//// kernel
__global__ void exact(const float *x, float *out) {
    int i = threadIdx.x;
    float *mine = out + 10 * i, v = x[i];
    mine[0] = 1.0f / v;
    mine[1] = sqrtf(fabsf(v));
    mine[2] = floorf(v);
    mine[3] = ceilf(v);
    mine[4] = truncf(v);
    mine[5] = rintf(v);
    mine[6] = roundf(v);
    mine[7] = fmodf(v, 0.75f);
    mine[8] = copysignf(3.0f, v);
    mine[9] = 1.0 / 3 / v;
}
//// wrapper
void exact_functions_cuda(const float *x, int n, float *out) {
    float *d_x, *d_out;
    cudaMalloc(&d_x, n * sizeof(float));
    cudaMalloc(&d_out, 10 * n * sizeof(float));
    cudaMemcpy(d_x, x, n * sizeof(float), cudaMemcpyHostToDevice);
    exact<<<1, n>>>(d_x, d_out);
    cudaMemcpy(out, d_out, 10 * n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_out);
}
//// tests
cout << setprecision(9);
float x[7] = {0.3f, -2.5f, 2.5f, 1e10f, -0.49f, 7, 0.1f}, out[70];
wrapper(FUNCTION, x, 7, out);
