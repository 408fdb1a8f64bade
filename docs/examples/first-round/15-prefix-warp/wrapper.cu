void running_total_cuda(const float *in, float *out, int n) {
    float *d_in, *d_out;
    cudaMalloc(&d_in, n * sizeof(float));
    cudaMalloc(&d_out, n * sizeof(float));
    cudaMemcpy(d_in, in, n * sizeof(float), cudaMemcpyHostToDevice);
    int threads = (n + 31) / 32 * 32;
    running_total_kernel<<<1, threads>>>(d_in, d_out, n);
    if (cudaGetLastError() != cudaSuccess) {
        throw std::runtime_error("launch failed");
    }
    cudaMemcpy(out, d_out, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
