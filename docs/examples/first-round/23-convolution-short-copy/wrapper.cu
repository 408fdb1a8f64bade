void convolve_cuda(const float *signal, int n, const float *filter, int taps, float *out) {
    float *d_signal, *d_out;
    cudaMalloc(&d_signal, n * sizeof(float));
    cudaMalloc(&d_out, n * sizeof(float));
    cudaMemcpy(d_signal, signal, n * sizeof(float), cudaMemcpyHostToDevice);
    cudaMemcpyToSymbol(c_filter, filter, taps);
    convolve_kernel<<<(n + 127) / 128, 128>>>(d_signal, n, taps, d_out);
    cudaMemcpy(out, d_out, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_signal);
    cudaFree(d_out);
}
