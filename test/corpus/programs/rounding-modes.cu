//// features: conversions with a rounding mode, saturating conversions of what does not fit
//// sequential
void rounding_modes(const float *x, int n, long long *out) {
    for (int i = 0; i < n; i++) {
        double modes[4] = {nearbyint((double)x[i]), trunc((double)x[i]), ceil((double)x[i]), floor((double)x[i])};
        for (int k = 0; k < 4; k++) out[6 * i + k] = (long long)max(-2147483648.0, min(2147483647.0, modes[k]));
        out[6 * i + 4] = (long long)max(0.0, min(4294967295.0, trunc((double)x[i])));
        out[6 * i + 5] = (long long)(nearbyint((double)x[i] * 3));
    }
}
//// kernel
__global__ void convert(const float *x, long long *out) {
    int i = threadIdx.x;
    out[6 * i] = __float2int_rn(x[i]);
    out[6 * i + 1] = __float2int_rz(x[i]);
    out[6 * i + 2] = __float2int_ru(x[i]);
    out[6 * i + 3] = __float2int_rd(x[i]);
    out[6 * i + 4] = __float2uint_rz(x[i]);
    out[6 * i + 5] = __double2ll_rn((double)x[i] * 3);
}
//// wrapper
void rounding_modes_cuda(const float *x, int n, long long *out) {
    float *d_x;
    long long *d_out;
    cudaMalloc(&d_x, n * sizeof(float));
    cudaMalloc(&d_out, 6 * n * sizeof(long long));
    cudaMemcpy(d_x, x, n * sizeof(float), cudaMemcpyHostToDevice);
    convert<<<1, n>>>(d_x, d_out);
    cudaMemcpy(out, d_out, 6 * n * sizeof(long long), cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_out);
}
//// tests
float x[8] = {0.5f, 1.5f, -0.5f, -2.7f, 1e12f, -1e12f, 2147483648.0f, 3.0f};
long long out[48];
wrapper(FUNCTION, x, 8, out);
