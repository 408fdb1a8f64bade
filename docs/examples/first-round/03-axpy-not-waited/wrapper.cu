void axpy_cuda(int n, float a, const float *x, float *y) {
    float *d_x, *d_y;
    size_t bytes = n * sizeof(float);
    cudaStream_t stream;
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    cudaMalloc(&d_x, bytes);
    cudaMalloc(&d_y, bytes);
    cudaMemcpyAsync(d_x, x, bytes, cudaMemcpyHostToDevice, stream);
    cudaMemcpyAsync(d_y, y, bytes, cudaMemcpyHostToDevice, stream);
    axpy_kernel<<<2, 16, 0, stream>>>(n, a, d_x, d_y);
    cudaMemcpyAsync(y, d_y, bytes, cudaMemcpyDeviceToHost, stream);
    cudaFree(d_x);
    cudaFree(d_y);
    cudaStreamDestroy(stream);
}
