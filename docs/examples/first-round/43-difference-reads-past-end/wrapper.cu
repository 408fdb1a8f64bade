void forward_difference_cuda(const float *x, float *d, int n) {
    float *d_x, *d_d;
    cudaMalloc(&d_x, n * sizeof(float));
    cudaMalloc(&d_d, n * sizeof(float));
    cudaMemcpy(d_x, x, n * sizeof(float), cudaMemcpyHostToDevice);
    forward_difference_kernel<<<(n + 31) / 32, 32>>>(d_x, d_d, n);
    cudaMemcpy(d, d_d, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_d);
}
