void transpose_cuda(const float *in, float *out, int rows, int cols) {
    float *d_in, *d_out;
    size_t bytes = rows * cols * sizeof(float);
    cudaMalloc(&d_in, bytes);
    cudaMalloc(&d_out, bytes);
    cudaMemcpy(d_in, in, bytes, cudaMemcpyHostToDevice);
    dim3 block(16, 16);
    dim3 grid((cols + 15) / 16, (rows + 15) / 16);
    transpose_kernel<<<grid, block>>>(d_in, d_out, rows, cols);
    cudaDeviceSynchronize();
    cudaFree(d_in);
    cudaFree(d_out);
}
