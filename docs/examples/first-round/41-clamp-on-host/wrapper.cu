void clamp_values_cuda(float *x, int n, float low, float high) {
    float *d_x;
    cudaMalloc(&d_x, n * sizeof(float));
    cudaMemcpy(d_x, x, n * sizeof(float), cudaMemcpyHostToDevice);
    clamp_kernel<<<(n + 255) / 256, 256>>>(d_x, n, low, high);
    cudaMemcpy(x, d_x, n * sizeof(float), cudaMemcpyDeviceToHost);
    for (int i = 0; i < n; i++) {
        x[i] = x[i] < low ? low : (x[i] > high ? high : x[i]);
    }
    cudaFree(d_x);
}
