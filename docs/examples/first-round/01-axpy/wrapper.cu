void axpy_cuda(int n, float a, const float *x, float *y) {
    float *d_x, *d_y;
    size_t bytes = n * sizeof(float);
    cudaMalloc(&d_x, bytes);
    cudaMalloc(&d_y, bytes);
    cudaMemcpy(d_x, x, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d_y, y, bytes, cudaMemcpyHostToDevice);
    int threads = 32;
    int blocks = (n + threads - 1) / threads;
    axpy_kernel<<<blocks, threads>>>(n, a, d_x, d_y);
    cudaMemcpy(y, d_y, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d_x);
    cudaFree(d_y);
}
